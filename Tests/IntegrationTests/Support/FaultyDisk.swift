import Foundation

/// A disk that fails, or is slow, when a test says so: a library that stands between the server and the system.
///
/// It replaces fsync and fdatasync. A file that the environment names says what they do: `fail` with EIO, or `slow` by
/// three seconds.
final class FaultyDisk {
    private static let source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static int mode(void) {
            char byte = 0;
            const char *path = getenv("FAULTY_DISK");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return 0;
            if (read(file, &byte, 1) != 1) byte = 0;
            close(file);
            return byte;
        }

        static long synchronize(long call, int file) {
            switch (mode()) {
            case 'f': errno = EIO; return -1;
            case 's': sleep(3); break;
            }
            return syscall(call, file);
        }

        int fsync(int file) { return synchronize(SYS_fsync, file); }
        int fdatasync(int file) { return synchronize(SYS_fdatasync, file); }
        """

    enum Mode: String {
        case sound, fail, slow
    }

    private let folder: URL
    private var library: URL { folder.appendingPathComponent("faultydisk.so") }
    private var modeFile: URL { folder.appendingPathComponent("mode") }

    /// What a server needs to have this disk.
    var environment: [String: String] { ["LD_PRELOAD": library.path, "FAULTY_DISK": modeFile.path] }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("codis-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let code = folder.appendingPathComponent("faultydisk.c")
        try Self.source.write(to: code, atomically: true, encoding: .utf8)
        try set(.sound)
        let compiler = try Program(
            ["gcc", "-shared", "-fPIC", "-O1", "-o", library.path, code.path], executable: "/usr/bin/env")
        let end = try compiler.end(within: .seconds(60))
        guard end.exited, end.status == 0 else { throw KitFailure("gcc: \(end.output)") }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func set(_ mode: Mode) throws { try mode.rawValue.write(to: modeFile, atomically: true, encoding: .utf8) }
}

extension ServerProcess {
    /// Lets no file of the server grow beyond so many bytes, as a full disk would: what does not fit is written in part,
    /// and then not at all. `nil` gives the room back.
    func limitFiles(to bytes: Int?) throws {
        let limit = bytes.map(String.init) ?? "unlimited"
        let end = try Program(
            ["prlimit", "--pid", "\(processID ?? 0)", "--fsize=\(limit):unlimited"], executable: "/usr/bin/env"
        ).end()
        guard end.exited, end.status == 0 else { throw KitFailure("prlimit: \(end.output)") }
    }
}
