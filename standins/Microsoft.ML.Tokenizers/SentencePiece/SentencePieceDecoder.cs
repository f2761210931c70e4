using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>Turns ids back into text: bytes are joined, word marks become spaces, the mark before the first word goes.</summary>
internal sealed class SentencePieceDecoder(SentencePieceModel model, int firstByteId, int lastByteId, IReadOnlyDictionary<string, int>? specialTokens)
{
    private readonly Dictionary<int, string> _marks = Marks(model, specialTokens);

    public string Decode(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        StringBuilder text = new();
        List<byte> bytes = [];
        bool first = true;
        int lastWordMark = -1;
        char space = model.EscapeWhitespaces ? SentencePieceNormalizer.WordMark : ' ';
        foreach (int id in ids)
        {
            if (IsByte(id))
            {
                bytes.Add((byte)(id - firstByteId));
                continue;
            }

            Flush(bytes, text);
            if (_marks.TryGetValue(id, out string? mark))
            {
                text.Append(considerSpecialTokens ? mark : "");
            }
            else if (id >= 0 && id < model.Pieces.Count && model.Pieces[id].Text is { Length: > 0 } piece)
            {
                bool dropsMark = first && model.AddDummyPrefix && !model.TreatWhitespaceAsSuffix && piece[0] == space;
                text.Append(dropsMark ? piece[1..] : piece);
                lastWordMark = piece[^1] == space ? text.Length - 1 : lastWordMark;
                first = false;
            }
        }

        Flush(bytes, text);
        if (model.AddDummyPrefix && model.TreatWhitespaceAsSuffix && lastWordMark >= 0)
        {
            text.Remove(lastWordMark, 1);
        }

        return model.EscapeWhitespaces ? text.Replace(SentencePieceNormalizer.WordMark, ' ').ToString() : text.ToString();
    }

    public bool IsByte(int id) => model.ByteFallback && id >= firstByteId && id <= lastByteId;

    private static void Flush(List<byte> bytes, StringBuilder text)
    {
        text.Append(Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes)));
        bytes.Clear();
    }

    private static Dictionary<int, string> Marks(SentencePieceModel model, IReadOnlyDictionary<string, int>? specialTokens)
    {
        Dictionary<int, string> marks = [];
        foreach ((string token, int id) in specialTokens ?? new Dictionary<string, int>())
        {
            marks[id] = token;
        }

        marks[Math.Max(0, model.UnknownId)] = model.UnknownPiece;
        marks[Math.Max(0, model.EndId)] = model.EndPiece;
        marks[Math.Max(0, model.BeginningId)] = model.BeginningPiece;
        return marks;
    }
}
