import Glibc
import Tensors

/// Sounds to durations, pitch, voicing and energy, and from these to spectral envelopes.
///
/// Envelopes come at 93.75 frames a second, 80 mel bands, as logarithms of amplitudes; the frame-level blocks run once for
/// two frames.
struct AcousticModel: Sendable {
    static let bands = 80
    static let places = 5
    static let controls = 3

    let width: Int
    let bases: [String]
    let speakers: [String]
    /// How many frames on either side of a frame its envelope depends on.
    let reach: Int

    private let base: Table
    private let tone: Table
    private let manner: Table
    private let timbre: Table
    private let encoder: [ConvolutionBlock]
    private let duration: [ConvolutionBlock]
    private let durationNorm: LayerNorm
    private let durationHead: Linear
    private let prosodyPlace: Linear
    private let prosody: [ConvolutionBlock]
    private let prosodyNorm: LayerNorm
    private let prosodyHead: Linear
    private let decoderPlace: Linear
    private let control: Linear
    private let decoder: [ConvolutionBlock]
    private let decoderNorm: LayerNorm
    private let decoderHead: Linear
    private let regression: Regression
    private let noiseFloor: NoiseFloor

    init(_ file: WeightFile, precision: Precision) throws(SpeakError) {
        let width = try file.count("width")
        let hidden = try file.count("hidden")
        bases = try file.words("bases")
        speakers = try file.words("speakers")
        self.width = width
        let counts = (
            try file.count("encoder"), try file.count("duration"), try file.count("prosody"), try file.count("decoder")
        )
        reach = 2 * ConvolutionBlock.reach * counts.3 + 2
        do throws(TensorError) {
            func stack(_ name: String, _ count: Int) throws(TensorError) -> [ConvolutionBlock] {
                try ConvolutionBlock.stack(
                    file, name, count: count, width: width, hidden: hidden, precision: precision)
            }
            base = try file.table("base", rows: bases.count, columns: width)
            tone = try file.table("tone", rows: 12, columns: width)
            manner = try file.table("manner", rows: speakers.count, columns: width)
            timbre = try file.table("voice", rows: speakers.count, columns: width)
            encoder = try stack("encoder", counts.0)
            duration = try stack("duration", counts.1)
            durationNorm = try file.layerNorm("duration_norm", count: width)
            durationHead = try file.linear("duration_head", inputs: width, outputs: 1, precision: precision)
            prosodyPlace = try file.linear("prosody_place", inputs: Self.places, outputs: width, precision: precision)
            prosody = try stack("prosody", counts.2)
            prosodyNorm = try file.layerNorm("prosody_norm", count: width)
            prosodyHead = try file.linear(
                "prosody_head", inputs: width, outputs: 2 * Self.controls, precision: precision)
            decoderPlace = try file.linear("decoder_place", inputs: Self.places, outputs: width, precision: precision)
            control = try file.linear("control", inputs: 2 * Self.controls, outputs: width, precision: precision)
            decoder = try stack("decoder", counts.3)
            decoderNorm = try file.layerNorm("decoder_norm", count: width)
            decoderHead = try file.linear("decoder_head", inputs: width, outputs: 2 * Self.bands, precision: precision)
            regression = try Regression(file, bases: bases.count, speakers: speakers.count)
            noiseFloor = try NoiseFloor(file, speakers: speakers.count)
        } catch {
            throw .model(error)
        }
    }

    /// [tokens, width]: what each sound is among its neighbours.
    func encode(_ tokens: [ScoreToken], manner speaker: Int) -> Matrix {
        var x = Matrix(rows: 0, columns: width)
        for token in tokens {
            x.append(row: zip(base.row(token.base), tone.row(token.tone)).map { $0 + $1 })
        }
        x.addToRows(manner.row(speaker))
        for block in encoder { block.apply(&x) }
        return x
    }

    /// The model's own durations in frames, one a token.
    func durations(_ encoded: Matrix, _ context: SoundContext, manner speaker: Int) -> [Float] {
        var x = encoded
        for block in duration { block.apply(&x) }
        durationNorm.apply(&x)
        let known = regression.durations(context, manner: speaker)
        return zip(durationHead(x).values, known).map { Float(max(0, Glibc.exp(Double($0 + $1)) - 1)) }
    }

    /// Where every pair of frames lies: its token, and [pairs, 5] numbers that say how far into it.
    static func layOut(_ durations: [Int]) -> (owner: [Int], place: Matrix) {
        var owner: [Int] = []
        var place = Matrix(rows: 0, columns: places)
        var start = 0
        var frame = 0
        for (token, duration) in durations.enumerated() {
            while frame < start + duration {
                let length = Float(duration + 1)
                let into = Float(frame - start) + 1
                place.append(row: [
                    into / length, 1 - into / length, Float(log(Double(length))) / 3, min(into, 16) / 16,
                    min(length - into, 16) / 16,
                ])
                owner.append(token)
                frame += 2
            }
            start += duration
        }
        return (owner, place)
    }

    /// Relative log F0, voicing as a log odds and energy: [2 · pairs, 3].
    func controls(
        _ encoded: Matrix, _ context: SoundContext, frames: [Frame], owner: [Int], place: Matrix, manner speaker: Int
    ) -> Matrix {
        var x = gather(encoded, owner)
        x += prosodyPlace(place)
        for block in prosody { block.apply(&x) }
        prosodyNorm.apply(&x)
        var result = Matrix(rows: 2 * owner.count, columns: Self.controls, values: prosodyHead(x).values)
        result += regression.controls(context, frames: frames, manner: speaker)
        return result
    }

    /// The last layer of the decoder for some pairs: [pairs, width].
    ///
    /// Pairs around the wanted ones are computed along, so that any division gives the same rows.
    func decoded(
        _ encoded: Matrix, owner: [Int], place: Matrix, controls: Matrix, timbre speaker: Int, pairs: Range<Int>
    ) -> Matrix {
        let halo = ConvolutionBlock.reach * decoder.count
        let first = max(0, pairs.lowerBound - halo)
        let last = min(owner.count, pairs.upperBound + halo)
        var x = gather(encoded, Array(owner[first..<last]))
        x += decoderPlace(place.rows(first..<last))
        let rows = controls.rows(2 * first..<2 * last)
        x += control(Matrix(rows: last - first, columns: 2 * Self.controls, values: rows.values))
        x.addToRows(timbre.row(speaker))
        for block in decoder { block.apply(&x) }
        var kept = x.rows(pairs.lowerBound - first..<pairs.upperBound - first)
        decoderNorm.apply(&kept)
        return kept
    }

    /// Envelopes of the frames of some pairs, from the decoder's last layer for them: [2 · pairs, 80].
    func envelopes(
        _ layer: Matrix, _ context: SoundContext, frames: [Frame], controls: Matrix, timbre speaker: Int,
        pairs: Range<Int>
    ) -> Matrix {
        var result = Matrix(rows: 2 * pairs.count, columns: Self.bands, values: decoderHead(layer).values)
        regression.addEnvelopes(
            context, frames: frames, controls: controls, voice: speaker, first: 2 * pairs.lowerBound, to: &result)
        noiseFloor.takeAway(from: &result, timbre: speaker)
        return result
    }

    private func gather(_ x: Matrix, _ owner: [Int]) -> Matrix {
        var values: [Float] = []
        values.reserveCapacity(owner.count * width)
        for token in owner { values.append(contentsOf: x.row(token)) }
        return Matrix(rows: owner.count, columns: width, values: values)
    }
}
