import Glibc

/// A file's contents replaced at once: whoever opens it sees the old ones or the new ones, even after a crash.
enum FileReplacement {
    /// Writes a new file beside the one at `path` and puts it in its place, with the same mode. A link stays a link to
    /// the file that is replaced.
    static func write(_ contents: [UInt8], to path: String) throws(EnvironmentError) {
        let target = resolved(path)
        var status = stat()
        let mode = unsafe stat(target, &status) == 0 ? status.st_mode & 0o7777 : 0o644
        let temporary = "\(target).\(getpid()).tmp"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw EnvironmentError() }
        do throws(EnvironmentError) {
            defer { close(descriptor) }
            try writeAll(contents, to: descriptor)
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw EnvironmentError() }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, target) == 0 else {
            let error = EnvironmentError()
            unsafe unlink(temporary)
            throw error
        }
        syncFolder(of: target)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func writeAll(_ contents: [UInt8], to descriptor: Int32) throws(EnvironmentError) {
        var rest = contents[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw EnvironmentError()
            }
        }
    }

    /// The name is safe only when the folder is; a file system that cannot do it leaves that to its own time.
    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
