// swift-tools-version: 6.2
import PackageDescription

// The rooms and floors of the house. A target imports only from the floors below it; HouseTests checks that.
let optimised: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno"])]

let package = Package(
    name: "ting",
    products: [
        .executable(name: "ting", targets: ["ting"]),
        .executable(name: "tingd", targets: ["tingd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    ],
    targets: [
        // Floor 0: C
        .target(name: "CKernels", cSettings: optimised, linkerSettings: [.linkedLibrary("m")]),
        .systemLibrary(name: "CALSA"),
        .systemLibrary(name: "COpenBLAS"),
        .systemLibrary(name: "CSpeexDSP"),
        .systemLibrary(name: "CSystemd"),
        .systemLibrary(name: "CYAML"),
        // Floor 1
        .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "Sound", dependencies: ["CALSA", "CSpeexDSP"]),
        .target(name: "Language"),
        // Floor 2
        .target(name: "Hear", dependencies: ["Tensors", "Sound", "Language"]),
        .target(name: "Think", dependencies: ["Tensors", "Language", "CYAML"]),
        .target(name: "Speak", dependencies: ["Tensors", "Sound", "Language"]),
        // Floor 3
        .target(name: "Converse", dependencies: ["Hear", "Think", "Speak"]),
        .target(
            name: "Wyoming",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Floor 4
        .executableTarget(name: "tingd", dependencies: ["Converse", "Wyoming", "CSystemd"]),
        .executableTarget(
            name: "ting",
            dependencies: [
                "Converse", "Wyoming", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // Tests, one a room
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels"]),
        .testTarget(name: "SoundTests", dependencies: ["Sound"]),
        .testTarget(name: "LanguageTests", dependencies: ["Language"]),
        .testTarget(name: "HearTests", dependencies: ["Hear"], exclude: ["Fixtures"]),
        .testTarget(name: "ThinkTests", dependencies: ["Think"]),
        .testTarget(name: "SpeakTests", dependencies: ["Speak"], exclude: ["Fixtures"]),
        .testTarget(name: "ConverseTests", dependencies: ["Converse"]),
        .testTarget(name: "WyomingTests", dependencies: ["Wyoming"]),
        .testTarget(name: "TingdTests", dependencies: ["tingd"]),
        .testTarget(name: "HouseTests"),
    ],
    swiftLanguageModes: [.v6]
)
