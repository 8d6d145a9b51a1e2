import Glibc
import Testing

@testable import tingd

@Suite struct ConfigurationTests {
    @Test func anEmptyFileIsTheDefaults() throws {
        #expect(try Configuration.parse("", path: "x") == Configuration())
        #expect(try Configuration.load(path: "/nowhere/tingd.conf", isOptional: true) == Configuration())
        #expect(throws: DaemonError.file(path: "/nowhere/tingd.conf", reason: "No such file or directory")) {
            try Configuration.load(path: "/nowhere/tingd.conf", isOptional: false)
        }
    }

    @Test func everySettingIsRead() throws {
        let text = """
            # a comment
            [audio]
            microphone = plughw:1,0
            speaker=hw:2
            playback_latency_ms = 200
            echo_cancel = off
            barge_in = no
            realtime = yes
            [speech]
            listen = no
            domain = car, /etc/tingd/mine.yaml
            language = yue
            voice = lan
            volume = 55.5
            rate = 1.25
            speak_replies = no
            gate_threshold = 0.7
            end_silence_ms = 800
            false_actions_per_hour = 0.5
            hot_words = 周杰伦, 稻香
            names = contact=/etc/tingd/contacts.txt, song=/srv/songs.txt
            [models]
            directory = /srv/models
            precision = float32
            [control]
            socket = /tmp/x.sock
            group = audio
            tcp = [::1]:10300
            max_connections = 8
            ; another comment
            [privacy]
            log_transcripts = yes
            publish_partials = no
            keep_dialogue = yes
            """
        let settings = try Configuration.parse(text, path: "x")
        var expected = Configuration()
        expected.microphone = "plughw:1,0"
        expected.speaker = "hw:2"
        expected.playbackLatencySeconds = 0.2
        expected.cancelsEcho = false
        expected.allowsBargeIn = false
        expected.isRealTime = true
        expected.listens = false
        expected.domains = ["car", "/etc/tingd/mine.yaml"]
        expected.language = "yue"
        expected.voice = "lan"
        expected.volume = 55.5
        expected.rate = 1.25
        expected.speaksReplies = false
        expected.gateThreshold = 0.7
        expected.endSilenceSeconds = 0.8
        expected.falseActionsPerHour = 0.5
        expected.hotWords = ["周杰伦", "稻香"]
        expected.nameLists = ["contact=/etc/tingd/contacts.txt", "song=/srv/songs.txt"]
        expected.modelDirectory = "/srv/models"
        expected.precision = "float32"
        expected.socket = "/tmp/x.sock"
        expected.group = "audio"
        expected.tcp = Configuration.TCPAddress(host: "::1", port: 10300)
        expected.maximumConnections = 8
        expected.logsTranscripts = true
        expected.publishesPartials = false
        expected.keepsDialogue = true
        #expect(settings == expected)
        let keys = text.split(separator: "\n").compactMap { line in line.split(separator: "=").first.map { trimmed($0) }
        }
        for setting in Setting.all { #expect(keys.contains(setting.key), "\(setting.key) is not tried") }
    }

    @Test func everyWrongLineIsToldWithItsReason() {
        let text = """
            early = 1
            [audio]
            microphone =
            volume = 3
            nonsense
            [colours]
            red = 1
            [speech]
            volume = 101
            volume = 50
            language = fr
            [control]
            socket = relative.sock
            tcp = 70000
            """
        do {
            _ = try Configuration.parse(text, path: "tingd.conf")
            Issue.record("it was accepted")
        } catch {
            #expect(
                error.problems.map(\.description) == [
                    "tingd.conf:1: 'early' stands before the first [section]",
                    "tingd.conf:3: microphone: expected a name, found ''",
                    "tingd.conf:4: unknown key 'volume' in [audio]; it belongs to [speech]: expected microphone, "
                        + "speaker, playback_latency_ms, echo_cancel, barge_in, realtime",
                    "tingd.conf:5: expected 'key = value', found 'nonsense'",
                    "tingd.conf:6: unknown section 'colours': expected audio, control, models, privacy, speech",
                    "tingd.conf:9: volume: expected a number of 0…100, found '101'",
                    "tingd.conf:10: 'volume' was already set on line 9",
                    "tingd.conf:11: language: expected auto, zh, yue, sc, en, found 'fr'",
                    "tingd.conf:13: socket: expected an absolute path of at most 107 bytes, found 'relative.sock'",
                    "tingd.conf:14: tcp: expected off or HOST:PORT, such as 127.0.0.1:10300, found '70000'",
                ])
        }
    }

    @Test func theShippedFileDocumentsEverySettingWithItsDefault() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/systemd/tingd.conf"
        #expect(try Configuration.load(path: path, isOptional: false) == Configuration())
        // With every remark mark before a setting taken away, it still says the defaults.
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        for setting in Setting.all {
            #expect(text.contains("\n\(setting.key) = ") || text.contains("\n#\(setting.key) = "), "\(setting.key)")
        }
        let plain = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") && !line.hasPrefix("# ") ? String(line.dropFirst()) : String(line)
        }
        #expect(try Configuration.parse(plain.joined(separator: "\n"), path: path) == Configuration())
    }

    @Test func whatNeedsARestartIsNamed() {
        var changed = Configuration()
        #expect(changed.needingRestart(comparedTo: Configuration()).isEmpty)
        changed.volume = 10
        changed.domains = ["car"]
        #expect(changed.needingRestart(comparedTo: Configuration()).isEmpty)
        changed.microphone = "x"
        changed.socket = "/x"
        #expect(changed.needingRestart(comparedTo: Configuration()) == ["microphone", "control"])
    }

    @Test func theCommandLineIsReadOrRefused() throws {
        let options = try Options(["-c", "a.conf", "--models=/m", "--socket", "/s", "-v"])
        #expect(
            options.configuration == "a.conf" && options.models == "/m" && options.socket == "/s" && options.isVerbose)
        #expect(try Options(["--check-config"]).action == .checkConfiguration)
        #expect(throws: DaemonError.usage("unknown argument '--loud'; see tingd --help")) { try Options(["--loud"]) }
        #expect(throws: DaemonError.usage("--config needs a value; see tingd --help")) { try Options(["--config"]) }
        #expect(throws: DaemonError.usage("--version takes no value; see tingd --help")) {
            try Options(["--version=2"])
        }
    }
}
