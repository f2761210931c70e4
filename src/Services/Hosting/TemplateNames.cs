using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>The published templates by their names, as a configuration file has them.</summary>
internal static class TemplateNames
{
    public static IReadOnlyList<ChatTemplate> Known { get; } = [ChatTemplate.Alpaca, ChatTemplate.Phi3, ChatTemplate.ChatML, ChatTemplate.Llama3];

    public static ChatTemplate? Find(string name) =>
        Known.FirstOrDefault(template => string.Equals(Plain(template.Name), Plain(name), StringComparison.OrdinalIgnoreCase));

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal);
}
