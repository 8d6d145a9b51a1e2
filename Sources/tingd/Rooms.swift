import Converse

/// The real rooms, loaded from weights.
struct Rooms: SpeechRooms {
    var offer = SpeechOffer()

    init(settings: Configuration, models: String?) throws {
        throw DaemonError.usage("the rooms are not wired in this build")
    }

    func makeTranscriber(language: String?, hotWords: [String]) throws -> any Transcriber { throw missing }
    func makeDialogue() throws -> any DialoguePartner { throw missing }
    func makeReply(_ saying: Saying) throws -> any ReplyStream { throw missing }
    func makeConversation(_ settings: Configuration) throws -> any Conversing { throw missing }
    func reloaded(with settings: Configuration) throws -> any SpeechRooms { throw missing }

    private var missing: DaemonError { .usage("the rooms are not wired in this build") }
}
