using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class TokenizingMapper(TextTokenizer tokenizer, TokenizingColumns columns) : ITextMapper
{
    public string InputColumn => columns.Text;

    public IReadOnlyList<OutputColumn> Outputs { get; } = [new OutputColumn(columns.Tokens, new VectorDataViewType(NumberDataViewType.Int32))];

    public int RowsAhead => 64;

    public int? MaximumTokens => columns.MaximumTokens;
    public TransformerModel? Network => null;

    public IDisposable Hold() => NothingToHold.Instance;

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        var tokens = new VBuffer<int>[texts.Count];
        for (int i = 0; i < tokens.Length; i++)
        {
            int[] ids = tokenizer.Encode(texts[i]);
            int length = truncation.Admit(ids.Length);
            tokens[i] = new VBuffer<int>(length, length == ids.Length ? ids : ids[..length]);
        }
        return [tokens];
    }

    private sealed class NothingToHold : IDisposable
    {
        public static readonly NothingToHold Instance = new();

        public void Dispose()
        {
        }
    }
}
