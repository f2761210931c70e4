using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms.Tests;

/// <summary>The warnings that reach <c>MLContext.Log</c>.</summary>
internal sealed class RecordedLog
{
    public RecordedLog(MLContext ml) => ml.Log += (_, message) =>
    {
        if (message.Kind == ChannelMessageKind.Warning)
            Warnings.Add(message.RawMessage);
    };

    public List<string> Warnings { get; } = [];
}
