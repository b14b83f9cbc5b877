import Logging

/// `protected-mode`: a server that everybody could use by mistake serves its own machine alone. The rule and the words
/// are Redis 3.2's.
extension Server {
    var isProtected: Bool {
        configuration.protectedMode && configuration.bind.isEmpty && configuration.requirepass.isEmpty
    }

    /// Ends the connection of a client that speaks HTTP: somebody lets a browser send commands in the body of a request.
    mutating func cutOff(_ client: Client) {
        logger.warning(
            """
            Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This \
            is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. \
            Connection aborted.
            """
        )
        close(client)
    }
}

enum ProtectedMode {
    static let refusal: StaticString = """
        -DENIED Redis is running in protected mode because protected mode is enabled, no bind address was specified, \
        no authentication password is requested to clients. In this mode connections are only accepted from the \
        loopback interface. If you want to connect from external computers to Redis you may adopt one of the following \
        solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback \
        interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not \
        publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. \
        2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting \
        the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just \
        for testing, restart it with the '--protected-mode no' option. 4) Setup a bind address or an authentication \
        password. NOTE: You only need to do one of the above things in order for the server to start accepting \
        connections from the outside.\r

        """
}
