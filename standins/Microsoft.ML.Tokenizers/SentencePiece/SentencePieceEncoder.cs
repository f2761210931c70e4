using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>Normalized text into tokens: special tokens whole, the rest segmented, unknown characters as their bytes.</summary>
internal sealed class SentencePieceEncoder
{
    private readonly SentencePieceModel _model;
    private readonly ISentencePieceSegmenter _segmenter;
    private readonly int _firstByteId;
    private readonly IReadOnlyDictionary<string, int>? _specialTokens;
    private readonly Regex? _specialTokensRegex;

    public SentencePieceEncoder(SentencePieceModel model, int firstByteId, IReadOnlyDictionary<string, int>? specialTokens)
    {
        _model = model;
        _segmenter = model.IsBytePair ? new BytePairSegmenter(model)
            : model.IsUnigram ? new UnigramSegmenter(model)
            : throw new ArgumentException("The model type is not supported.", nameof(model));
        _firstByteId = firstByteId;
        if (specialTokens is { Count: > 0 })
        {
            _specialTokens = specialTokens;
            _specialTokensRegex = new Regex(string.Join('|', specialTokens.Keys.Select(Regex.Escape)), RegexOptions.Compiled);
        }
    }

    public List<EncodedToken> Encode(string text)
    {
        List<EncodedToken> tokens = [];
        int start = 0;
        for (Match? match = _specialTokensRegex?.Match(text); match is { Success: true }; match = match.NextMatch())
        {
            EncodePlain(text, start, match.Index, tokens);
            start = match.Index + match.Length;
            tokens.Add(new EncodedToken(_specialTokens![match.Value], match.Value, match.Index..start));
        }

        EncodePlain(text, start, text.Length, tokens);
        return tokens;
    }

    private void EncodePlain(string text, int start, int end, List<EncodedToken> tokens)
    {
        if (start == end)
        {
            return;
        }

        foreach ((int id, Range range) in _segmenter.Segment(text.AsSpan(start..end)))
        {
            Range place = (start + range.Start.Value)..(start + range.End.Value);
            if (id == _model.UnknownId && _model.ByteFallback)
            {
                AddBytes(text.AsSpan()[place], place, tokens);
            }
            else
            {
                tokens.Add(new EncodedToken(id, id == _model.UnknownId && _model.IsUnigram ? text[place] : _model.Pieces[id].Text, place));
            }
        }
    }

    // The first byte stands for the whole character, the others for nothing more of the text.
    private void AddBytes(ReadOnlySpan<char> character, Range place, List<EncodedToken> tokens)
    {
        Index rest = _model.IsUnigram ? place.End : place.Start;
        foreach (byte value in Encoding.UTF8.GetBytes(character.ToString()))
        {
            int id = _firstByteId + value;
            tokens.Add(new EncodedToken(id, _model.Pieces[id].Text, place));
            place = rest..rest;
        }
    }
}
