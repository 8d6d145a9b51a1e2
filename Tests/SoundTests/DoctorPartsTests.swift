import Glibc
import Testing

@testable import Sound

struct EchoDelayTests {
    private static func noise(_ count: Int, seed: UInt32, level: Float) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return level * Float(Int32(bitPattern: state)) / Float(Int32.max)
        }
    }

    @Test(arguments: [(16_000, 0.142), (16_000, 0.0), (48_000, 0.3), (8_000, 0.61)])
    func theSweepIsFoundWhereItIs(rate: Int, delay: Double) throws {
        var heard = Self.noise(rate, seed: 7, level: 0.02)
        let start = Int(delay * Double(rate))
        // A room: quieter, upside down, with one reflection 9 ms later.
        for (index, sample) in EchoDelay.sweep(sampleRate: rate).enumerated() {
            heard[start + index] -= 0.4 * sample
            let later = start + index + rate * 9 / 1000
            if later < heard.count { heard[later] -= 0.15 * sample }
        }
        let found = try #require(EchoDelay.find(in: heard, sampleRate: rate))
        #expect(abs(found.seconds - delay) < 0.001)
        #expect(found.correlation > 0.5)
    }

    @Test func noiseAndSilenceAreNoEcho() {
        for seed in 1...5 {
            #expect(EchoDelay.find(in: Self.noise(16_000, seed: UInt32(seed), level: 0.3), sampleRate: 16_000) == nil)
        }
        #expect(EchoDelay.find(in: [Float](repeating: 0, count: 16_000), sampleRate: 16_000) == nil)
        #expect(EchoDelay.find(in: [], sampleRate: 16_000) == nil)
    }
}

struct SoundCardsTests {
    private static func tree(_ files: [String: String]) throws -> String {
        var template = Array("/tmp/ting-cards-XXXXXX".utf8CString)
        let root = try #require(mkdtemp(&template).map { String(cString: $0) })
        for (path, text) in files {
            var folder = root
            for part in path.split(separator: "/").dropLast() {
                folder += "/" + part
                mkdir(folder, 0o755)
            }
            try writeFile(Array(text.utf8), to: root + "/" + path)
        }
        return root
    }

    @Test func whoHoldsADeviceIsNamed() throws {
        let root = try Self.tree([
            "proc/asound/cards": """
             0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                                  bcm2835 Headphones
             1 [Device         ]: USB-Audio - USB PnP Sound Device
                                  C-Media USB PnP at usb-1
            """,
            "proc/asound/pcm": "00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8\n"
                + "01-00: USB Audio : USB Audio : playback 1 : capture 1\n",
            "proc/asound/card0/pcm0p/sub0/status": "closed\n",
            "proc/asound/card1/pcm0c/sub0/status": "state: RUNNING\nowner_pid   : 812\ntrigger_time: 3.1\n",
            "proc/asound/card1/pcm0p/sub0/status": "state: RUNNING\nowner_pid   : 4\n",
            // The kernel names the thread that opened the device.
            "proc/812/status": "Name:\tdata-loop.0\nTgid:\t800\nPid:\t812\n", "proc/812/comm": "data-loop.0\n",
            "proc/800/comm": "pipewire\n",
            "proc/asound/card0/pcm0p/sub1/status": "state: RUNNING\nowner_pid   : 812\n",
            "proc/asound/card0/pcm0p/sub2/status": "state: RUNNING\nowner_pid   : 812\n",
        ])
        let streams = SoundCards(root: root).streams
        #expect(streams.map(\.name) == ["hw:0,0", "hw:1,0", "hw:1,0"])
        #expect(streams.map(\.isCapture) == [false, true, false])
        #expect(streams[0].description == "bcm2835 Headphones, bcm2835 Headphones")
        let pipewire = SoundCards.Owner(process: 800, name: "pipewire")
        #expect(streams[0].owners == [pipewire], "the first subdevice is free, another is not")
        #expect(streams[1].owners == [pipewire])
        #expect(streams[2].owners.map(\.name) == ["a process of another user"])
    }

    @Test func withoutASoundDriverThereIsNothing() {
        #expect(SoundCards(root: "/nowhere").streams.isEmpty)
    }

    @Test func theFormsOfADeviceAreRead() throws {
        let forms = try DeviceForms(name: "null", capture: true)
        #expect(forms.isUsable)
        #expect(forms.description.contains("S16_LE"))
        #expect(throws: SoundError.self) { try DeviceForms(name: "no-such-card", capture: false) }
    }
}
