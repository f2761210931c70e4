using System.Reflection;
using Microsoft.ML.Runtime;

namespace Packages.MLNet.Tests;

public class EnvironmentTests
{
    [Fact]
    public void Messages_of_channels_reach_the_log_with_source_and_kind()
    {
        var ml = new MLContext(1);
        var messages = new List<LoggingEventArgs>();
        ml.Log += (_, message) => messages.Add(message);

        IHost host = ((IHostEnvironment)ml).Register("Component");
        using (IChannel channel = host.Start("Work"))
        {
            channel.Info(MessageSensitivity.None, "step {0} of {1}", 1, 2);
            channel.Warning(MessageSensitivity.None, "careful");
            channel.Error(MessageSensitivity.None, "bad");
        }

        LoggingEventArgs info = Assert.Single(messages, message => message.Kind == ChannelMessageKind.Info);
        Assert.Equal("step 1 of 2", info.RawMessage);
        Assert.Equal("Component; Work", info.Source);
        Assert.Equal("[Source=Component; Work, Kind=Info] step 1 of 2", info.Message);
        Assert.Single(messages, message => message.Kind == ChannelMessageKind.Warning);
        Assert.Single(messages, message => message.Kind == ChannelMessageKind.Error);
        Assert.Equal("Channel started", messages[0].RawMessage);
        Assert.Equal("Channel disposed", messages[^1].RawMessage);
        Assert.All(messages, message => Assert.Equal("Component; Work", message.Source));
    }

    [Fact]
    public void Nested_hosts_name_their_source_as_the_library_does()
    {
        var ml = new MLContext(1);
        var sources = new List<string>();
        ml.Log += (_, message) => sources.Add(message.Source);
        IHost first = ((IHostEnvironment)ml).Register("First");
        IHost second = first.Register("Second");
        IHost third = second.Register("Third");

        using (second.Start("A"))
        using (third.Start("B"))
        using (((IHostEnvironment)ml).Start("C"))
        {
        }

        Assert.Contains("Second; A", sources);
        Assert.Contains("First; Third; B", sources);
        Assert.Contains("C", sources);
    }

    [Fact]
    public void Progress_never_reaches_the_log()
    {
        var ml = new MLContext(1);
        int count = 0;
        ml.Log += (_, _) => count++;

        using (IProgressChannel progress = ((IHostEnvironment)ml).StartProgressChannel("Training"))
        {
            progress.SetHeader(new ProgressHeader(["loss"], ["epochs"]), entry => entry.SetProgress(0, 1, 2));
            progress.Checkpoint(0.5, 1);
        }

        Assert.Equal(0, count);
    }

    [Fact]
    public void Randomness_follows_the_seed()
    {
        static int Draw(int seed) => ((IHostEnvironment)new MLContext(seed)).Register("X").Rand.Next();

        Assert.Equal(Draw(5), Draw(5));
        Assert.NotEqual(Draw(5), Draw(6));
        IHost first = ((IHostEnvironment)new MLContext(5)).Register("X", seed: 9);
        IHost second = ((IHostEnvironment)new MLContext(6)).Register("X", seed: 9);
        Assert.Equal(first.Rand.Next(), second.Rand.Next());
    }

    [Fact]
    public void Exceptions_are_marked_with_the_component_that_threw_them()
    {
        IHost host = ((IHostEnvironment)new MLContext()).Register("Component");
        using IChannel channel = host.Start("Work");

        Exception fromHost = host.Process(new InvalidOperationException("x"));
        Exception fromChannel = channel.Process(new InvalidOperationException("y"));

        Assert.Equal("Environment", fromHost.Data["Throwing component"]);
        Assert.Equal("Component", fromChannel.Data["Throwing component"]);
        Assert.Equal("Work", fromChannel.Data["Phase"]);
        Assert.Equal("HostEnvironment", host.ContextDescription);
        Assert.Equal("HostEnvironment", ((IHostEnvironment)new MLContext()).ContextDescription);
        Assert.Equal("Component; Work", channel.ContextDescription);
    }

    [Fact]
    public void Options_are_kept_by_name()
    {
        var ml = new MLContext();

        Assert.True(ml.TryAddOption("a", 5));
        Assert.False(ml.TryAddOption("a", 6));
        Assert.True(ml.TryGetOption("a", out int value));
        Assert.Equal(5, value);
        Assert.False(ml.TryGetOption("a", out string _));
        ml.SetOption("a", "text");
        Assert.Equal("text", ml.GetOptionOrDefault<string>("a"));
        Assert.Equal(0, ml.GetOptionOrDefault<int>("b"));
        Assert.True(ml.RemoveOption("a"));
        Assert.Null(ml.GpuDeviceId);
        Assert.False(ml.FallbackToCpu);
        Assert.Equal(Path.GetTempPath(), ml.TempFilePath);
    }

    private sealed class Row
    {
        public string Text { get; set; }
    }

    [Fact]
    public void A_cancelled_context_stops_its_components()
    {
        var ml = new MLContext(1);
        IEnumerable<Row> Source()
        {
            yield return new Row { Text = "a" };
            Cancel(ml);
            yield return new Row { Text = "b" };
        }

        Assert.Throws<OperationCanceledException>(() => ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(ml.Data.LoadFromEnumerable(Source())));
    }

    // Not public, but the way that hosts of this library cancel.
    private static void Cancel(MLContext ml) =>
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic).Invoke(ml, null);
}
