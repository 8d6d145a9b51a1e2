"""CTC greedy decoding and the tonal-syllable error that every figure of Hear is given in."""


def greedy(log_probabilities):
    """Best path of (frames, units): repeats merged, blanks (0) dropped."""
    out, previous = [], 0
    for unit in log_probabilities.argmax(-1).tolist():
        if unit != previous and unit != 0:
            out.append(unit)
        previous = unit
    return out


def syllables(units):
    """Mandarin or Cantonese units -> tonal syllables (`zh`,`ong1` -> `zhong1`); English phones stand alone."""
    out, initial = [], ""
    for unit in units:
        if unit.startswith("E_"):
            out.append(unit)
            initial = ""
        elif unit[-1].isdigit():
            out.append(initial + unit)
            initial = ""
        else:
            initial = unit
    return out


def distance(a, b):
    """Levenshtein distance of two sequences."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def syllable_errors(reference, hypothesis):
    """(wrong tonal syllables, wrong toneless syllables, reference syllables) of two unit sequences."""
    r, h = syllables(reference), syllables(hypothesis)
    bare = [[s.rstrip("123456") for s in seq] for seq in (r, h)]
    return distance(r, h), distance(*bare), len(r)
