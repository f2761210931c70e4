namespace Microsoft.ML.Runtime;

/// <summary>A node in the tree of an environment and the hosts registered under it.</summary>
internal abstract class HostEnvironment : MessageSource, IHostEnvironment, ICancelable
{
    private readonly Lock _lock = new();
    private readonly List<WeakReference<ICancelable>> _children = [];
    private readonly LocalEnvironment _root;
    private readonly HostEnvironment _parent;

    // The name of a host starts with that of its parent's parent: the real package does so, and logs show it.
    protected HostEnvironment(HostEnvironment parent, string shortName, Random random) : base(shortName, parent?._parent?.FullName)
    {
        _parent = parent;
        _root = parent?._root ?? (LocalEnvironment)this;
        Rand = random;
    }

    public Random Rand { get; }
    public bool IsCanceled { get; private set; }
    public int? GpuDeviceId { get; set; }
    public bool FallbackToCpu { get; set; }
    public ComponentCatalog ComponentCatalog => _root.Components;

    // Hosts describe themselves as the environment does; only their channels say more.
    public override string ContextDescription => "HostEnvironment";

    public override TException Process<TException>(TException ex) => ex is null ? null : MarkWith(ex, "Environment", null);

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(null, name, nameof(name));
        lock (_lock)
        {
            var host = new Host(this, name, new Random(seed ?? Rand.Next()))
            {
                IsCanceled = IsCanceled,
                GpuDeviceId = GpuDeviceId,
                FallbackToCpu = FallbackToCpu,
            };
            _children.RemoveAll(child => !child.TryGetTarget(out _));
            _children.Add(new WeakReference<ICancelable>(host));
            return host;
        }
    }

    public void CancelExecution()
    {
        lock (_lock)
        {
            foreach (WeakReference<ICancelable> child in _children)
            {
                if (child.TryGetTarget(out ICancelable host))
                    host.CancelExecution();
            }
            _children.Clear();
            IsCanceled = true;
        }
    }

    public IChannel Start(string name)
    {
        Contracts.CheckNonEmpty(null, name, nameof(name));
        return new Channel(this, name, _root.Dispatch);
    }

    public IPipe<TMessage> StartPipe<TMessage>(string name) => typeof(TMessage) == typeof(ChannelMessage)
        ? (IPipe<TMessage>)Start(name)
        : new Pipe<TMessage>(this, name, null);

    public IProgressChannel StartProgressChannel(string name)
    {
        Contracts.CheckNonEmpty(null, name, nameof(name));
        return new SilentProgressChannel();
    }

    private sealed class Host(HostEnvironment parent, string shortName, Random random) : HostEnvironment(parent, shortName, random), IHost;
}

/// <summary>The root: owns the component catalog, the source of randomness and the listener of all messages.</summary>
internal sealed class LocalEnvironment(int? seed, Action<MessageSource, ChannelMessage> listener)
    : HostEnvironment(null, null, seed is null ? new Random() : new Random(seed.Value))
{
    public int? Seed { get; } = seed;
    public ComponentCatalog Components { get; } = new();

    public void Dispatch(MessageSource source, ChannelMessage message) => listener(source, message);
}
