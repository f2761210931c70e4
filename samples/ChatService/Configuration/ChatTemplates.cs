using MLNetLlm.Models;

namespace ChatService;

/// <summary>The published templates by the names that settings give them.</summary>
internal static class ChatTemplates
{
    private static readonly Dictionary<string, ChatTemplate> ByName = new(StringComparer.Ordinal)
    {
        ["chatml"] = ChatTemplate.ChatML,
        ["alpaca"] = ChatTemplate.Alpaca,
        ["phi-3"] = ChatTemplate.Phi3,
        ["llama-3"] = ChatTemplate.Llama3,
    };

    public static string[] Names { get; } = [.. ByName.Keys];

    public static ChatTemplate Of(string name) => ByName[name];
}
