using System.Diagnostics;

namespace MLNetLlm.Services.Tests;

/// <summary>The spans of one test: those below a parent of its own, so that tests beside it do not count.</summary>
internal sealed class Spans : IDisposable
{
    private readonly ActivitySource source = new("tests-" + Guid.NewGuid());
    private readonly ActivityListener listener;
    private readonly Activity parent;
    private readonly List<Activity> stopped = [];

    public Spans()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name == Traces.SourceName || candidate.Name == source.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.ParentSpanId == parent!.SpanId)
                {
                    lock (stopped)
                    {
                        stopped.Add(activity);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        parent = source.StartActivity("test")!;
    }

    public Activity Parent => parent;

    public Activity Single()
    {
        lock (stopped)
        {
            return Assert.Single(stopped);
        }
    }

    public int Count
    {
        get
        {
            lock (stopped)
            {
                return stopped.Count;
            }
        }
    }

    public void Dispose()
    {
        parent.Dispose();
        listener.Dispose();
        source.Dispose();
    }
}
