import CLinux
import Glibc

/// `watchdog-period`: when the event loop does not come round for that long, the stack says in the log where it hangs.
///
/// A timer of the system is wound up in every tick; it runs down only when no tick comes.
struct Watchdog {
    private var isWound = false

    /// Winds the timer up, or stops it with 0 milliseconds.
    mutating func wind(milliseconds: Int) {
        if milliseconds == 0, !isWound { return }
        if !isWound { Self.install() }
        isWound = milliseconds > 0
        let time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        var timer = itimerval(it_interval: timeval(), it_value: time)
        unsafe setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    }

    private static func install() {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_sigaction = { _, _, _ in
            let log = CrashReport.openLog()
            CrashReport.write("\n--- WATCHDOG TIMER EXPIRED ---\n", to: log)
            CrashReport.writeStack(to: log)
            CrashReport.write("--------\n", to: log)
            if log != STDOUT_FILENO { close(log) }
        }
        action.sa_flags = SA_SIGINFO | SA_RESTART | Int32(SA_ONSTACK)
        unsafe sigaction(SIGALRM, &action, nil)
    }
}
