using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

/// <summary>Loads a model from an address, and again, looking at regular times, when the server gives it another entity tag.</summary>
internal sealed class UriModelLoader(IOptions<MLOptions> options, ILogger<UriModelLoader> logger) : ModelLoader, IDisposable
{
    private readonly MLContext _context = options.Value.MLContext;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(1) };
    private Uri _uri;
    private string _entityTag;
    private ModelReloadToken _reloadToken = new();
    private ITransformer _model;

    public void Start(Uri uri, TimeSpan period)
    {
        _uri = uri;
        LoadAsync().GetAwaiter().GetResult();
        if (_entityTag is not null)
        {
            _ = WatchAsync(period);
        }
    }

    public override ITransformer GetModel() => _model ?? throw NotStarted();

    public override IChangeToken GetReloadToken() => _model is null ? throw NotStarted() : _reloadToken;

    public void Dispose()
    {
        _stopping.Cancel();
        _client.Dispose();
    }

    private async Task WatchAsync(TimeSpan period)
    {
        using PeriodicTimer timer = new(period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                await ReloadIfChangedAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            logger.LogDebug("URI reload '{uri}' stopped", _uri);
        }
    }

    private async Task ReloadIfChangedAsync()
    {
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            logger.LogDebug(new EventId(100, "UriReloadBegin"), "URI reload '{uri}'", _uri);
            using HttpRequestMessage request = new(HttpMethod.Head, _uri);
            using HttpResponseMessage response = await _client.SendAsync(request, _stopping.Token).ConfigureAwait(false);
            if (response.Headers.ETag?.ToString() != _entityTag)
            {
                await LoadAsync().ConfigureAwait(false);
                Interlocked.Exchange(ref _reloadToken, new ModelReloadToken()).OnReload();
            }

            logger.LogDebug(new EventId(101, "UriReloadEnd"), "URI reload '{uri}' completed after {ElapsedMilliseconds}ms", _uri, watch.Elapsed.TotalMilliseconds);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            // The timer's thread has nobody above it: the model loaded before stays in use, and the log says why.
            logger.LogError(
                new EventId(102, "UriReloadError"), exception, "URI reload for {uri} threw an unhandled exception after {ElapsedMilliseconds}ms", _uri, watch.Elapsed.TotalMilliseconds);
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(_uri, _stopping.Token).ConfigureAwait(false);
            using Stream stream = await response.Content.ReadAsStreamAsync(_stopping.Token).ConfigureAwait(false);
            _model = _context.Model.Load(stream, out _);
            _entityTag = response.Headers.ETag?.ToString();
        }
        catch (Exception exception)
        {
            logger.LogError(new EventId(103, "UriLoadError"), exception, "Error loading {uri}", _uri);
            throw;
        }
    }

    private static InvalidOperationException NotStarted() => new("Start must be called on a ModelLoader before it can be used.");
}
