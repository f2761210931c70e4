using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>Messages without anything secret in them; they reach <c>MLContext.Log</c>.</summary>
internal static class ChannelMessages
{
    public static void Info(this IChannel channel, string message) => channel.Info(MessageSensitivity.None, message);

    public static void Warning(this IChannel channel, string message) => channel.Warning(MessageSensitivity.None, message);
}
