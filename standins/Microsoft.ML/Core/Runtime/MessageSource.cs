using System.Diagnostics;

namespace Microsoft.ML.Runtime;

/// <summary>Something with a place in the tree of environment, hosts and channels.</summary>
internal abstract class MessageSource(string shortName, string parentFullName) : IExceptionContext
{
    public string ShortName { get; } = shortName;
    public string ParentFullName { get; } = parentFullName;
    public string FullName => string.IsNullOrEmpty(ParentFullName) ? ShortName : ParentFullName + "; " + ShortName;

    public virtual string ContextDescription => FullName;

    public virtual TException Process<TException>(TException ex) where TException : Exception =>
        ex is null ? null : MarkWith(ex, ShortName, ParentFullName);

    protected static TException MarkWith<TException>(TException ex, string component, string parent) where TException : Exception
    {
        ex.Data["Throwing component"] = component;
        ex.Data["Parent component"] = parent;
        return Contracts.Mark(ex);
    }
}

internal class Pipe<TMessage>(MessageSource parent, string name, Action<MessageSource, TMessage> dispatch)
    : MessageSource(name, parent.FullName), IPipe<TMessage>
{
    private bool _disposed;

    public void Send(TMessage msg) => dispatch?.Invoke(this, msg);

    public override TException Process<TException>(TException ex)
    {
        if (ex is null)
            return null;
        ex.Data["Phase"] = ShortName;
        return MarkWith(ex, parent.ShortName, parent.ParentFullName);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        OnDispose();
        _disposed = true;
    }

    protected virtual void OnDispose()
    {
    }
}

internal sealed class Channel : Pipe<ChannelMessage>, IChannel
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public Channel(MessageSource parent, string name, Action<MessageSource, ChannelMessage> dispatch) : base(parent, name, dispatch) =>
        Trace(MessageSensitivity.None, "Channel started");

    public void Trace(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Trace, sensitivity, fmt));
    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Trace, sensitivity, fmt, args));
    public void Error(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Error, sensitivity, fmt));
    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Error, sensitivity, fmt, args));
    public void Warning(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Warning, sensitivity, fmt));
    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Warning, sensitivity, fmt, args));
    public void Info(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Info, sensitivity, fmt));
    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Info, sensitivity, fmt, args));

    protected override void OnDispose()
    {
        Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", Stopwatch.GetElapsedTime(_started));
        Trace(MessageSensitivity.None, "Channel disposed");
    }
}

/// <summary>Progress goes to listeners of progress events only; no environment of this library has any.</summary>
internal sealed class SilentProgressChannel : IProgressChannel
{
    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction)
    {
    }

    public void Checkpoint(params double?[] values)
    {
    }

    public IProgressChannel StartProgressChannel(string name) => new SilentProgressChannel();

    public void Dispose()
    {
    }
}
