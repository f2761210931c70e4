using System.Text;
using MLNetLlm.Models;

namespace ChatService.OpenAi;

/// <summary>A text that is written, put together from its pieces.</summary>
internal sealed class CompletionText
{
    private readonly StringBuilder text = new();
    private readonly List<TokenLogProbability> logProbabilities = [];

    public string Text => text.ToString();

    public IReadOnlyList<TokenLogProbability> LogProbabilities => logProbabilities;

    public string FinishReason { get; private set; } = "";

    public Usage Usage { get; private set; } = new(0, 0);

    public void Add(GeneratedChunk chunk)
    {
        text.Append(chunk.Text);
        logProbabilities.AddRange(chunk.LogProbabilities ?? []);
        Usage = UsageOf(chunk);
        FinishReason = NameOf(chunk.FinishReason) ?? "";
    }

    public static async Task<CompletionText> ReadAsync(IAsyncEnumerable<GeneratedChunk> chunks)
    {
        var text = new CompletionText();
        await foreach (var chunk in chunks)
        {
            text.Add(chunk);
        }

        return text;
    }

    public static Usage UsageOf(GeneratedChunk chunk) => new(chunk.PromptTokens, chunk.NewTokens);

    public static string? NameOf(FinishReason? reason) => reason switch
    {
        null => null,
        MLNetLlm.Models.FinishReason.StopToken or MLNetLlm.Models.FinishReason.StopString => "stop",
        _ => "length",
    };
}
