using MLNetLlm.Models;

namespace Samples;

/// <summary>The published templates by the names that the command line gives them.</summary>
internal static class Templates
{
    public static string[] Names { get; } = ["chatml", "alpaca", "phi-3", "llama-3"];

    public static ChatTemplate Of(string name) => name switch
    {
        "alpaca" => ChatTemplate.Alpaca,
        "phi-3" => ChatTemplate.Phi3,
        "llama-3" => ChatTemplate.Llama3,
        _ => ChatTemplate.ChatML,
    };
}
