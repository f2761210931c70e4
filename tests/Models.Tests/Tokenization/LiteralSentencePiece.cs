using System.Text;

namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>SentencePiece's two algorithms word for word, over a model file that is read with no more than they need.</summary>
internal sealed class LiteralSentencePiece
{
    private readonly List<(string Text, float Score, int Kind)> _pieces = [];
    private readonly Dictionary<string, int> _ids = [];

    public LiteralSentencePiece(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        for (int place = 0; place < file.Length && file[place] == 0x0A;)
        {
            place++;
            int end = (int)Number(file, ref place);
            end += place;
            (string text, float score, int kind) = ("", 0, 1);
            while (place < end)
            {
                switch (file[place++])
                {
                    case 0x0A:
                        int length = (int)Number(file, ref place);
                        text = Encoding.UTF8.GetString(file, place, length);
                        place += length;
                        break;
                    case 0x15:
                        score = BitConverter.ToSingle(file, place);
                        place += 4;
                        break;
                    case 0x18:
                        kind = (int)Number(file, ref place);
                        break;
                    default:
                        throw new InvalidOperationException("An unexpected field.");
                }
            }

            if (kind == 1)
            {
                _ids.Add(text, _pieces.Count);
            }

            _pieces.Add((text, score, kind));
        }
    }

    /// <summary>Joins the two neighbours whose joined piece has the highest score, the leftmost of equals, until none is left.</summary>
    public int[] BytePairs(string text)
    {
        List<string> symbols = text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        while (true)
        {
            int best = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (_ids.TryGetValue(symbols[i] + symbols[i + 1], out int id)
                    && (best < 0 || _pieces[id].Score > _pieces[_ids[symbols[best] + symbols[best + 1]]].Score))
                {
                    best = i;
                }
            }

            if (best < 0)
            {
                break;
            }

            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }

        int firstByte = _pieces.FindIndex(piece => piece.Kind == 6);
        return symbols.SelectMany(symbol => _ids.TryGetValue(symbol, out int id) ? [id] : Encoding.UTF8.GetBytes(symbol).Select(value => firstByte + value)).ToArray();
    }

    /// <summary>The segmentation with the largest sum of scores; a character without a piece costs ten more than the worst piece.</summary>
    public int[] Unigrams(string text)
    {
        double unknown = _ids.Values.Min(id => _pieces[id].Score) - 10;
        int unknownId = _pieces.FindIndex(piece => piece.Kind == 2);
        (double Score, int[] Ids)[] best = new (double, int[])[text.Length + 1];
        best[0] = (0, []);
        for (int end = 1; end <= text.Length; end++)
        {
            best[end] = (double.NegativeInfinity, []);
            for (int start = 0; start < end; start++)
            {
                bool known = _ids.TryGetValue(text[start..end], out int id);
                double score = best[start].Score + (known ? _pieces[id].Score : end - start == 1 ? unknown : double.NegativeInfinity);
                if (score > best[end].Score)
                {
                    best[end] = (score, [.. best[start].Ids, known ? id : unknownId]);
                }
            }
        }

        return best[^1].Ids.Where((id, index) => id != unknownId || index == 0 || best[^1].Ids[index - 1] != unknownId).ToArray();
    }

    private static ulong Number(byte[] file, ref int place)
    {
        ulong number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = file[place++];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return number;
            }
        }
    }
}
