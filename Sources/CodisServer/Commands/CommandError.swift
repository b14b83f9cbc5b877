/// Errors that handlers throw: trivial, so that throwing allocates nothing. Errors with parts of their own are written
/// by the
/// handler itself.
enum CommandError: Error {
    case wrongType
    case notAnInteger
    case notAFloat
    case outOfRange32
    case notATimeout
    case negativeTimeout
    case syntax
    case objectSyntax
    case idleTimeNotTracked
    case frequencyNotTracked
    case clientSyntax
    case noSuchKey
    case sameObject
    case indexOutOfRange
    case invalidCursor
    case overflow
    case notANumberResult
    case offsetOutOfRange
    case bitOffset
    case bitValue
    case stringTooLong
    case invalidSetExpiry
    case invalidSetexExpiry
    case invalidPsetexExpiry
    case unpairedKeys
    case unpairedFields
    case hashValueNotAnInteger
    case hashValueNotAFloat
    case resultNotANumber
    case newAndExisting
    case unpairedIncrement
    case notAScoreRange
    case notALexRange
    case noSourceKeys
    case notAWeight
    case geoaddSyntax
    case notARadius
    case negativeRadius
    case unknownUnit
    case notAGeoCount
    case geoStoreOptions
    case noSuchPlace
    case bitSearchValue
    case bitopNotKeys
    case invalidDatabase
    case busyKey
    case badDataFormat
    case badPayload
    case invalidRestoreTTL
    case invalidSlotsRestoreTTL
    case slotsRestorePayload
    case slotsRestoreFormat
    case nestedMulti
    case execWithoutMulti
    case discardWithoutMulti
    case watchInsideMulti
    case transactionDiscarded
    case notAHyperLogLog
    case saveInProgress
    case saveDuringRewrite
    case saveFailed
    case cannotSave
    case rewriteIsRunning
    case corruptedHyperLogLog
    case notSortable
    case keyBesidesKeys
    case invalidGetexExpiry
    case unsupportedOption
    case contradictingExpiryOptions
    case contradictingExpiryOrder
    case noSuchCopyDatabase
    case noPasswordIsSet
    case invalidPassword
    case wrongPassword
    case helloWithoutPassword
    case invalidClientName
    case zeroRank
    case negativeCount
    case negativeMaxlen
    case negativeRange
    case badKeyCount
    case tooManyKeys
    case negativeLimit
    case limitWithoutRange
    case scoresOfLex
    case invalidMasterPort
    case waitOnReplica
    case syncInTransaction

    case tooManyScriptKeys
    case negativeScriptKeys
    case noSuchScript
    case scriptSyntax
    case noScriptRuns
    case scriptHasWritten

    /// The reply, byte for byte.
    var reply: StaticString {
        switch self {
        case .wrongType: "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
        case .notAnInteger: "-ERR value is not an integer or out of range\r\n"
        case .notAFloat: "-ERR value is not a valid float\r\n"
        case .outOfRange32: "-ERR value is out of range\r\n"
        case .notATimeout: "-ERR timeout is not an integer or out of range\r\n"
        case .negativeTimeout: "-ERR timeout is negative\r\n"
        case .syntax: "-ERR syntax error\r\n"
        case .objectSyntax: "-ERR Syntax error. Try OBJECT (refcount|encoding|idletime)\r\n"
        case .idleTimeNotTracked:
            "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.\r\n"
        case .frequencyNotTracked:
            "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.\r\n"
        case .clientSyntax:
            "-ERR Syntax error, try CLIENT (LIST | KILL ip:port | GETNAME | SETNAME connection-name)\r\n"
        case .noSuchKey: "-ERR no such key\r\n"
        case .sameObject: "-ERR source and destination objects are the same\r\n"
        case .indexOutOfRange: "-ERR index out of range\r\n"
        case .invalidCursor: "-ERR invalid cursor\r\n"
        case .overflow: "-ERR increment or decrement would overflow\r\n"
        case .notANumberResult: "-ERR increment would produce NaN or Infinity\r\n"
        case .offsetOutOfRange: "-ERR offset is out of range\r\n"
        case .bitOffset: "-ERR bit offset is not an integer or out of range\r\n"
        case .bitValue: "-ERR bit is not an integer or out of range\r\n"
        case .stringTooLong: "-ERR string exceeds maximum allowed size (512MB)\r\n"
        case .invalidSetExpiry: "-ERR invalid expire time in set\r\n"
        case .invalidSetexExpiry: "-ERR invalid expire time in setex\r\n"
        case .invalidPsetexExpiry: "-ERR invalid expire time in psetex\r\n"
        case .unpairedKeys: "-ERR wrong number of arguments for MSET\r\n"
        case .unpairedFields: "-ERR wrong number of arguments for HMSET\r\n"
        case .hashValueNotAnInteger: "-ERR hash value is not an integer\r\n"
        case .hashValueNotAFloat: "-ERR hash value is not a valid float\r\n"
        case .resultNotANumber: "-ERR resulting score is not a number (NaN)\r\n"
        case .newAndExisting: "-ERR XX and NX options at the same time are not compatible\r\n"
        case .unpairedIncrement: "-ERR INCR option supports a single increment-element pair\r\n"
        case .notAScoreRange: "-ERR min or max is not a float\r\n"
        case .notALexRange: "-ERR min or max not valid string range item\r\n"
        case .noSourceKeys: "-ERR at least 1 input key is needed for ZUNIONSTORE/ZINTERSTORE\r\n"
        case .notAWeight: "-ERR weight value is not a float\r\n"
        case .geoaddSyntax: "-ERR syntax error. Try GEOADD key [x1] [y1] [name1] [x2] [y2] [name2] ... \r\n"
        case .notARadius: "-ERR need numeric radius\r\n"
        case .negativeRadius: "-ERR radius cannot be negative\r\n"
        case .unknownUnit: "-ERR unsupported unit provided. please use m, km, ft, mi\r\n"
        case .notAGeoCount: "-ERR COUNT must be > 0\r\n"
        case .geoStoreOptions:
            "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORDS options\r\n"
        case .noSuchPlace: "-ERR could not decode requested zset member\r\n"
        case .bitSearchValue: "-ERR The bit argument must be 1 or 0.\r\n"
        case .bitopNotKeys: "-ERR BITOP NOT must be called with a single source key.\r\n"
        case .invalidDatabase: "-ERR invalid DB index\r\n"
        case .busyKey: "-ERR Target key name is busy.\r\n"
        case .badDataFormat: "-ERR Bad data format\r\n"
        case .badPayload: "-ERR DUMP payload version or checksum are wrong\r\n"
        case .invalidRestoreTTL: "-ERR Invalid TTL value, must be >= 0\r\n"
        case .invalidSlotsRestoreTTL: "-ERR invalid ttl value, must be >= 0\r\n"
        case .slotsRestorePayload: "-ERR dump payload version or checksum are wrong\r\n"
        case .slotsRestoreFormat: "-ERR bad data format\r\n"
        case .nestedMulti: "-ERR MULTI calls can not be nested\r\n"
        case .execWithoutMulti: "-ERR EXEC without MULTI\r\n"
        case .discardWithoutMulti: "-ERR DISCARD without MULTI\r\n"
        case .watchInsideMulti: "-ERR WATCH inside MULTI is not allowed\r\n"
        case .transactionDiscarded: "-EXECABORT Transaction discarded because of previous errors.\r\n"
        case .notAHyperLogLog: "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"
        case .saveInProgress: "-ERR Background save already in progress\r\n"
        case .saveDuringRewrite: "-ERR Can't BGSAVE while AOF log rewriting is in progress\r\n"
        // Redis' whole answer: the reason is in the log.
        case .saveFailed: "-ERR\r\n"
        case .rewriteIsRunning: "-ERR Background append only file rewriting already in progress\r\n"
        case .cannotSave:
            """
            -MISCONF Redis is configured to save RDB snapshots, but is currently not able to persist on disk. \
            Commands that may modify the data set are disabled. Please check Redis logs for details about the error.\
            \r\n
            """
        case .corruptedHyperLogLog: "-INVALIDOBJ Corrupted HLL object detected\r\n"
        case .keyBesidesKeys:
            "-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string\r\n"
        case .notSortable: "-ERR One or more scores can't be converted into double\r\n"
        case .invalidGetexExpiry: "-ERR invalid expire time in 'getex' command\r\n"
        case .unsupportedOption: "-ERR Unsupported option\r\n"
        case .contradictingExpiryOptions: "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"
        case .contradictingExpiryOrder: "-ERR GT and LT options at the same time are not compatible\r\n"
        case .noSuchCopyDatabase: "-ERR DB index is out of range\r\n"
        case .noPasswordIsSet: "-ERR Client sent AUTH, but no password is set\r\n"
        case .invalidPassword: "-ERR invalid password\r\n"
        case .wrongPassword: "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        case .helloWithoutPassword:
            "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time\r\n"
        case .invalidClientName: "-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        case .zeroRank:
            "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list\r\n"
        case .negativeCount: "-ERR COUNT can't be negative\r\n"
        case .negativeMaxlen: "-ERR MAXLEN can't be negative\r\n"
        case .negativeRange: "-ERR value is out of range, must be positive\r\n"
        case .badKeyCount: "-ERR numkeys should be greater than 0\r\n"
        case .tooManyKeys: "-ERR Number of keys can't be greater than number of args\r\n"
        case .negativeLimit: "-ERR LIMIT can't be negative\r\n"
        case .limitWithoutRange:
            "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n"
        case .scoresOfLex: "-ERR syntax error, WITHSCORES not supported in combination with BYLEX\r\n"
        case .invalidMasterPort: "-ERR Invalid master port\r\n"
        case .waitOnReplica: "-ERR WAIT cannot be used with slave instances.\r\n"
        case .syncInTransaction: "-ERR SYNC and PSYNC are not allowed in transactions\r\n"
        case .tooManyScriptKeys: "-ERR Number of keys can't be greater than number of args\r\n"
        case .negativeScriptKeys: "-ERR Number of keys can't be negative\r\n"
        case .noSuchScript: "-NOSCRIPT No matching script. Please use EVAL.\r\n"
        case .scriptSyntax: "-ERR Unknown SCRIPT subcommand or wrong # of args.\r\n"
        case .noScriptRuns: "-NOTBUSY No scripts in execution right now.\r\n"
        case .scriptHasWritten:
            """
            -UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the \
            script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.\r\n
            """
        }
    }
}
