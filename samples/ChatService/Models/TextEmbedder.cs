using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace ChatService;

/// <summary>Vectors of texts, from the chat model's hidden states; of length 1, so that their dot product tells how alike texts are.</summary>
internal sealed class TextEmbedder : IDisposable
{
    private readonly MLContext ml = new();
    private readonly EmbeddingTransformer transformer;

    public TextEmbedder(ChatModel model)
    {
        transformer = ml.Transforms.Text.EmbedText(new EmbeddingOptions { LanguageModel = model.LanguageModel, Pooling = Pooling.Mean, Normalize = true })
            .Fit(ml.Data.LoadFromEnumerable<TextRow>([]));
        Dimensions = model.LanguageModel.Network.Width;
    }

    public int Dimensions { get; }

    public float[][] Embed(IReadOnlyList<string> texts)
    {
        var rows = transformer.Transform(ml.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text })));
        return [.. rows.GetColumn<float[]>("Features")];
    }

    public void Dispose() => transformer.Dispose();

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }
}
