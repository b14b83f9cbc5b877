import Memory

/// INFO replication: the fields of Redis 2.8, and those of later versions that tools look for.
extension Server {
    func writeReplicationInfo(to text: inout InfoText) {
        text.field("role", replication.isReplica ? "slave" : "master")
        if let link = replication.master { writeMasterInfo(link, to: &text) }
        let replicas = replication.attachedReplicas
        text.field("connected_slaves", replicas.count)
        if configuration.minSlavesToWrite > 0, configuration.minSlavesMaxLag > 0 {
            text.field("min_slaves_good_slaves", replication.goodReplicas)
        }
        for (index, replica) in replicas.enumerated() {
            let (host, port) = address(of: replica)
            let lag = replica.isOnline ? clock.seconds - replica.lastHeard : 0
            text.field(
                "slave\(index)",
                "ip=\(host),port=\(port),state=\(replica.stateName),offset=\(replica.acknowledgedOffset),lag=\(lag)")
        }
        text.field("master_replid", replication.id.description)
        text.field("master_replid2", replication.previousID.description)
        text.field("master_repl_offset", Int(replication.offset))
        text.field("second_repl_offset", Int(replication.previousIDEnd < 0 ? -1 : replication.previousIDEnd + 1))
        let history = min(replication.stream.count, configuration.replBacklogSize)
        text.field("repl_backlog_active", replication.isRecording ? 1 : 0)
        text.field("repl_backlog_size", configuration.replBacklogSize)
        text.field(
            "repl_backlog_first_byte_offset", replication.isRecording ? Int(replication.offset) - history + 1 : 0)
        text.field("repl_backlog_histlen", history)
    }

    private func writeMasterInfo(_ link: MasterLink, to text: inout InfoText) {
        text.field("master_host", link.address.host)
        text.field("master_port", link.address.port)
        text.field("master_link_status", link.isOnline ? "up" : "down")
        text.field("master_last_io_seconds_ago", link.isOnline ? Int(clock.seconds - link.lastHeard) : -1)
        text.field("master_sync_in_progress", link.isReceivingSnapshot ? 1 : 0)
        text.field("slave_repl_offset", Int(replication.offset))
        if link.isReceivingSnapshot {
            let left: Int = if case .length(let left) = link.snapshotEnd { left } else { -1 }
            text.field("master_sync_left_bytes", left)
            text.field("master_sync_last_io_seconds_ago", Int(clock.seconds - link.lastHeard))
        }
        if !link.isOnline { text.field("master_link_down_since_seconds", Int(clock.seconds - link.downSince)) }
        text.field("slave_priority", configuration.slavePriority)
        text.field("slave_read_only", configuration.slaveReadOnly ? 1 : 0)
    }
}
