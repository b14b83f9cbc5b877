// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled alike: Swift 6 mode, and unsafe code that is not marked as such is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "codis-server",
    products: [
        .executable(name: "codis-server", targets: ["codis-server"]),
        .library(name: "SlotStorage", targets: ["SlotStorage"]),
        .library(name: "RESP", targets: ["RESP"]),
        .library(name: "Memory", targets: ["Memory"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // C: module maps and headers without logic.
        .systemLibrary(name: "CJemalloc", providers: [.apt(["libjemalloc-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CLZF", providers: [.apt(["liblzf-dev"])]),
        .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLua", providers: [.apt(["liblua5.1-0-dev", "lua-cjson-dev", "lua-bitop-dev"])]),

        // The rooms, each importing only those above it.
        .target(name: "Memory", dependencies: ["CJemalloc"], swiftSettings: strict),
        .target(name: "RESP", dependencies: ["Memory"], swiftSettings: strict),
        .target(name: "SlotStorage", dependencies: ["Memory", "CXXHash", "CLZF"], swiftSettings: strict),
        .target(
            name: "CodisServer",
            dependencies: [
                "Memory", "RESP", "SlotStorage", "CLinux", "CCrypto", "CLua",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "codis-server",
            dependencies: ["CodisServer", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict,
            // Names of functions for the stack in a crash report.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic"])]),

        .target(name: "TestSupport", dependencies: ["Memory"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "MemoryTests", dependencies: ["Memory", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "RESPTests", dependencies: ["RESP", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SlotStorageTests", dependencies: ["SlotStorage", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "CodisServerTests",
            dependencies: ["CodisServer", "Memory", "TestSupport", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests", dependencies: ["TestSupport"], swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
