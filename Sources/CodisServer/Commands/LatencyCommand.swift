import Memory
import RESP

/// `LATENCY LATEST | HISTORY event | GRAPH event | RESET [event ...] | DOCTOR`
extension Server {
    mutating func latency(_ request: Request, _ client: Client) throws(CommandError) {
        let action = request[1]
        if action.equalsIgnoringCase("history"), request.count == 3 {
            let samples = latencyMonitor.series(named: request[2].text)?.samples ?? []
            client.reply.array(samples.count)
            for sample in samples {
                client.reply.array(2)
                client.reply.integer(sample.time)
                client.reply.integer(sample.latency)
            }
        } else if action.equalsIgnoringCase("graph"), request.count == 3 {
            guard let series = latencyMonitor.series(named: request[2].text) else {
                return client.reply.error("ERR No samples available for event '\(request[2].text)'")
            }
            client.reply.bulk(graph(of: series))
        } else if action.equalsIgnoringCase("latest"), request.count == 2 {
            replyLatestLatencies(client)
        } else if action.equalsIgnoringCase("doctor"), request.count == 2 {
            let report = LatencyReport(configuration, now: Clock.microsecondsNow() / 1_000_000)
            client.reply.bulk(report.text(on: latencyMonitor.series))
        } else if action.equalsIgnoringCase("reset") {
            var count = request.count == 2 ? latencyMonitor.reset(nil) : 0
            for index in 2..<request.count { count += latencyMonitor.reset(request[index].text) }
            client.reply.integer(count)
        } else {
            throw .syntax
        }
    }

    private func replyLatestLatencies(_ client: Client) {
        client.reply.array(latencyMonitor.series.count)
        for series in latencyMonitor.series {
            // An event is there since it has a sample.
            let last = series.samples[series.samples.count - 1]
            client.reply.array(4)
            client.reply.bulk(series.event.rawValue)
            client.reply.integer(last.time)
            client.reply.integer(last.latency)
            client.reply.integer(series.worst)
        }
    }

    private func graph(of series: LatencyMonitor.Series) -> String {
        let now = Clock.microsecondsNow() / 1_000_000
        var curve = Sparkline()
        for sample in series.samples { curve.append(sample.latency, label: age(now - sample.time)) }
        let latencies = series.samples.map(\.latency)
        let title =
            "\(series.event.rawValue) - high \(latencies.max() ?? 0) ms, low \(latencies.min() ?? 0) ms "
            + "(all time high \(series.worst) ms)\n"
        return title + String(repeating: "-", count: 80) + "\n" + curve.drawn(columns: 80, rows: 4)
    }

    /// How long ago it was, in the largest unit that gives a whole number.
    private func age(_ seconds: Int64) -> String {
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 60 * 60 { return "\(seconds / 60)m" }
        if seconds < 24 * 60 * 60 { return "\(seconds / 3600)h" }
        return "\(seconds / 86400)d"
    }
}
