import Glibc
import Testing

@testable import Sound

@Suite struct WAVTests {
    let scratch = Scratch()

    @Test func whatIsWrittenIsRead() throws {
        let samples = sine(440, rate: 24000, seconds: 0.1)
        try WAV.write(samples, sampleRate: 24000, to: "\(scratch.path)/a.wav")
        let read = try WAV.read(path: "\(scratch.path)/a.wav")
        #expect(read.sampleRate == 24000)
        #expect(read.samples.count == samples.count)
        #expect(zip(read.samples, samples).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func everySampleFormatReadsTheSameValues() throws {
        let quarter: [(String, [UInt8])] = [
            ("u8", wav(bits: 8, data: [160, 96])),
            ("s16", wav(bits: 16, data: little(8192, 2) + little(-8192, 2))),
            ("s24", wav(bits: 24, data: little(2_097_152, 3) + little(-2_097_152, 3))),
            ("s32", wav(bits: 32, data: little(536_870_912, 4) + little(-536_870_912, 4))),
            (
                "f32",
                wav(
                    tag: 3, bits: 32,
                    data: little(Int(Float(0.25).bitPattern), 4) + little(Int(Float(-0.25).bitPattern), 4))
            ),
            (
                "f64",
                wav(
                    tag: 3, bits: 64,
                    data: little(Int(bitPattern: UInt(0.25.bitPattern)), 8)
                        + little(Int(bitPattern: UInt((-0.25).bitPattern)), 8))
            ),
            ("ext", wav(bits: 24, data: little(2_097_152, 3) + little(-2_097_152, 3), extensible: true)),
        ]
        for (name, bytes) in quarter {
            let read = try WAV.read(path: scratch.file(name, bytes))
            #expect(read.samples == [0.25, -0.25], "\(name)")
        }
    }

    @Test func unknownAndOddChunksAreSkipped() throws {
        let list = Array("LIST".utf8) + little(3, 4) + [1, 2, 3, 0]
        let read = try WAV.read(path: scratch.file("odd.wav", wav(bits: 16, data: little(16384, 2), before: list)))
        #expect(read.samples == [0.5])
    }

    @Test func theLivelyChannelIsTaken() throws {
        var data: [UInt8] = []
        for sample in sine(300, rate: 48000, seconds: 0.05) {
            data += little(100, 2) + little(Int(WAV.int16(sample)), 2)
        }
        let read = try WAV.read(path: scratch.file("stereo.wav", wav(bits: 16, channels: 2, rate: 48000, data: data)))
        #expect(read.sampleRate == 48000)
        #expect(read.level.rms > 0.3)
    }

    @Test func aStreamedHeaderReadsToTheEnd() throws {
        for size in [0, 0xFFFF_FFFF, 0x7FFF_F024] {
            let bytes = wav(bits: 16, data: little(16384, 2) + little(0, 2), dataSize: size)
            #expect(try WAV.read(path: scratch.file("s.wav", bytes)).samples == [0.5, 0])
        }
    }

    @Test func aNotFiniteFloatIsSilenceAndALoudOneIsHeld() throws {
        let values = [Float.nan, .infinity, 3, -3].flatMap { little(Int($0.bitPattern), 4) }
        #expect(
            try WAV.read(path: scratch.file("n.wav", wav(tag: 3, bits: 32, data: values))).samples == [0, 0, 1, -1])
    }

    @Test func badFilesGiveOneClearLine() throws {
        let cases: [(String, [UInt8], String)] = [
            ("empty", [], "an empty file"),
            ("text", Array("hello, this is no sound at all".utf8), "not a WAV file"),
            (
                "short", wav(bits: 16, data: [1, 2, 3, 4], dataSize: 4000),
                "truncated: the header promises 4000 bytes of audio, found 4"
            ),
            ("nodata", Array(wav(bits: 16, data: []).dropLast(8)), "no data chunk"),
            ("alaw", wav(tag: 6, bits: 8, data: [1, 2]), "format tag 6 with 8 bits"),
            ("channels", wav(bits: 16, channels: 0, data: [1, 2]), "0 channels"),
            ("rate", wav(bits: 16, rate: 0, data: [1, 2]), "0 samples a second"),
        ]
        for (name, bytes, expected) in cases {
            let path = try scratch.file(name, bytes)
            do {
                _ = try WAV.read(path: path)
                Issue.record("\(name) was read")
            } catch {
                #expect(error.description.contains(expected), "\(error)")
                #expect(!error.description.contains("\n"))
            }
        }
        #expect(throws: SoundError.file(path: "/nowhere/a.wav", reason: "No such file or directory")) {
            try WAV.read(path: "/nowhere/a.wav")
        }
        #expect(throws: SoundError.file(path: "/tmp", reason: "Is a directory")) { try WAV.read(path: "/tmp") }
    }

    @Test func everyCutOfAFileIsReadOrRefused() throws {
        let bytes = wav(bits: 16, data: [1, 2, 3, 4], extensible: true)
        for length in 0..<bytes.count {
            let path = try scratch.file("cut", Array(bytes[..<length]))
            #expect(throws: SoundError.self) { try WAV.read(path: path) }
        }
    }

    @Test func aHugeFileIsRefusedBeforeItIsLoaded() throws {
        let path = try scratch.file("huge.wav", wav(bits: 8, rate: 8000, data: [1, 2], dataSize: 0xFFFF_FFFF))
        #expect(truncate(path, 400_000_000) == 0)
        #expect {
            try WAV.read(path: path)
        } throws: {
            "\($0)".contains("too long")
        }
    }

    @Test(arguments: [8_000, 16_000, 44_100, 48_000])
    func aFileReadInPiecesIsTheFileReadAtOnce(rate: Int) throws {
        let scratch = Scratch()
        let path = "\(scratch.path)/long.wav"
        try WAV.write(sine(300, rate: rate, seconds: 1.37), sampleRate: rate, to: path)
        let expected = try WAV.read(path: path).resampled(to: 16_000).samples
        for seconds in [0.01, 0.1, 7] {
            let source = try WAVSource(path: path)
            #expect(abs(source.seconds - 1.37) < 0.001)
            var found: [Float] = []
            while let block = try source.next(seconds: seconds) { found += block }
            #expect(found == expected)
        }
    }
}
