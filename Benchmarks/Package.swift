// swift-tools-version: 6.2
import PackageDescription

/// As strict as the server itself: Swift 6 mode, and unsafe code that is not marked as such is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "codis-server", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // Without its traits the package builds on Linux; what they bring, counting allocations, is not used.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.30.0", traits: []),
    ],
    targets: [
        .target(name: "LiveServer", swiftSettings: strict),
        .executableTarget(
            name: "compare-peers",
            dependencies: ["LiveServer", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .executableTarget(
            name: "count-instructions",
            dependencies: ["LiveServer", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        // `swift package benchmark` finds it because its folder lies in one named Benchmarks.
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Memory", package: "codis-server"),
                .product(name: "RESP", package: "codis-server"),
                .product(name: "SlotStorage", package: "codis-server"),
            ],
            path: "Micro",
            swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
