import Glibc

@testable import Sound

/// A folder that goes when the test ends.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/ting-sound-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try writeFile(bytes, to: "\(path)/\(name)")
        return "\(path)/\(name)"
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink("\(path)/\(name)")
            }
            closedir(folder)
        }
        rmdir(path)
    }
}

func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A WAV file from its parts.
func wav(
    tag: Int = 1, bits: Int, channels: Int = 1, rate: Int = 16000, data: [UInt8], dataSize: Int? = nil,
    extensible: Bool = false, before: [UInt8] = []
) -> [UInt8] {
    let width = channels * ((bits + 7) / 8)
    var fmt =
        little(extensible ? 0xFFFE : tag, 2) + little(channels, 2) + little(rate, 4) + little(rate * width, 4)
        + little(width, 2) + little(bits, 2)
    if extensible {
        fmt += little(22, 2) + little(bits, 2) + little(0, 4) + little(tag, 2) + Array(repeating: 0, count: 14)
    }
    var body = Array("WAVE".utf8) + before
    body += Array("fmt ".utf8) + little(fmt.count, 4) + fmt
    body += Array("data".utf8) + little(dataSize ?? data.count, 4) + data
    return Array("RIFF".utf8) + little(body.count, 4) + body
}

func sine(_ frequency: Double, rate: Int, seconds: Double, amplitude: Double = 0.5) -> [Float] {
    (0..<Int(seconds * Double(rate))).map {
        Float(amplitude * sin(2 * Double.pi * frequency * Double($0) / Double(rate)))
    }
}

/// Fixed pseudo-random numbers in −1…1.
func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }
}
