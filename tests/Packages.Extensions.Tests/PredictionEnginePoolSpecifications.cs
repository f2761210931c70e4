using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ML;
using Microsoft.Extensions.Options;
using Microsoft.ML;

namespace Packages.Extensions.Tests;

public sealed class PredictionEnginePoolSpecifications : IDisposable
{
    private static readonly Row Input = new() { First = 1, Second = 2 };
    private readonly PoolFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_model_file_serves_predictions()
    {
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(builder => builder.FromFile(_fixture.Save("First"), watchForChanges: false));

        Assert.Equal(1, pool.Predict(Input).Copy);
        Assert.Same(pool.GetModel(), pool.GetModel());
    }

    [Fact]
    public void A_returned_engine_is_lent_again_and_one_that_is_out_is_not()
    {
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(builder => builder.FromFile(_fixture.Save("First"), watchForChanges: false));

        PredictionEngine<Row, Copied> engine = pool.GetPredictionEngine();
        PredictionEngine<Row, Copied> other = pool.GetPredictionEngine();
        Assert.NotSame(engine, other);
        pool.ReturnPredictionEngine(engine);

        Assert.Same(engine, pool.GetPredictionEngine());
        Assert.Throws<ArgumentNullException>(() => pool.ReturnPredictionEngine(null));
    }

    [Fact]
    public void Named_models_stand_side_by_side()
    {
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(builder => builder
            .FromFile("one", _fixture.Save("First", "one.zip"), watchForChanges: false)
            .FromFile("two", _fixture.Save("Second", "two.zip"), watchForChanges: false));

        Assert.Equal(1, pool.Predict("one", Input).Copy);
        Assert.Equal(2, pool.Predict("two", Input).Copy);
        Assert.NotSame(pool.GetModel("one"), pool.GetModel("two"));
        Assert.Throws<ArgumentException>(() => pool.Predict(Input));
    }

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => _fixture.Pool(builder => builder.FromFile("absent.zip")));
        Assert.Contains("absent.zip", error.Message);
    }

    [Fact]
    public void Many_threads_predict_at_once()
    {
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(builder => builder.FromFile(_fixture.Save("Second"), watchForChanges: false));

        Parallel.For(0, 500, index => Assert.Equal(index, pool.Predict(new Row { Second = index }).Copy));
    }

    [Fact]
    public async Task A_rewritten_file_is_loaded_again_where_it_is_watched()
    {
        string path = _fixture.Save("First");
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(builder => builder.FromFile(path, watchForChanges: true));
        Assert.Equal(1, pool.Predict(Input).Copy);

        _fixture.Save("Second");

        await PoolFixture.Eventually(() => pool.Predict(Input).Copy == 2);
    }

    [Fact]
    public async Task A_damaged_file_leaves_the_model_that_was_loaded_before()
    {
        string path = _fixture.Save("First");
        Recorder recorder = new();
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(
            builder => builder.FromFile(path, watchForChanges: true),
            services => services.AddLogging(logging => logging.AddProvider(recorder)));

        File.WriteAllText(path, "no model");

        await PoolFixture.Eventually(() => recorder.Contains(LogLevel.Error, path));
        Assert.Equal(1, pool.Predict(Input).Copy);
    }

    [Fact]
    public async Task A_model_behind_an_address_is_loaded_again_when_its_entity_tag_changes()
    {
        using ModelServer server = new() { Column = "First" };
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(builder => builder.FromUri("remote", server.Address, TimeSpan.FromMilliseconds(200)));
        Assert.Equal(1, pool.Predict("remote", Input).Copy);

        server.Column = "Second";

        await PoolFixture.Eventually(() => pool.Predict("remote", Input).Copy == 2);
    }

    [Fact]
    public void An_own_loader_and_an_own_context_are_used()
    {
        MLContext context = new();
        PredictionEnginePool<Row, Copied> pool = _fixture.Pool(
            builder => builder.Services.Configure<PredictionEnginePoolOptions<Row, Copied>>(options => options.ModelLoader = new FixedLoader(context)),
            services => services.Configure<MLOptions>(options => options.MLContext = context));

        Assert.Equal(2, pool.Predict(Input).Copy);
    }

    [Fact]
    public void What_the_context_logs_reaches_the_applications_logger()
    {
        Recorder recorder = new();
        ServiceCollection services = new();
        services.AddLogging(logging => logging.AddProvider(recorder).SetMinimumLevel(LogLevel.Trace));
        services.AddRequiredPredictionEnginePoolServices();
        using ServiceProvider provider = services.BuildServiceProvider();
        MLContext context = provider.GetRequiredService<IOptions<MLOptions>>().Value.MLContext;

        using (var channel = ((Microsoft.ML.Runtime.IHostEnvironment)context).Register("test").Start("channel"))
        {
            channel.Trace(Microsoft.ML.Runtime.MessageSensitivity.None, "a message to find");
        }

        Assert.True(recorder.Contains(LogLevel.Trace, "a message to find"));
    }

    private sealed class FixedLoader(MLContext context) : ModelLoader
    {
        private readonly ITransformer _model = context.Model.Load(new MemoryStream(PoolFixture.Model("Second")), out _);

        public override ITransformer GetModel() => _model;

        public override Microsoft.Extensions.Primitives.IChangeToken GetReloadToken() => new ModelReloadToken();
    }

    /// <summary>Answers requests with the model that copies the present column, tagged with the column's name.</summary>
    private sealed class ModelServer : IDisposable
    {
        private readonly HttpListener _listener = new();

        public ModelServer()
        {
            using (TcpListener free = new(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = $"http://localhost:{((IPEndPoint)free.LocalEndpoint).Port}/";
            }

            _listener.Prefixes.Add(Address);
            _listener.Start();
            _ = Task.Run(ServeAsync);
        }

        public string Address { get; }

        public string Column { get; set; }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                context.Response.AddHeader("ETag", $"\"{Column}\"");
                byte[] model = PoolFixture.Model(Column);
                if (context.Request.HttpMethod == "GET")
                {
                    context.Response.OutputStream.Write(model);
                }

                context.Response.Close();
            }
        }
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        private readonly List<(LogLevel Level, string Text)> _entries = [];

        public bool Contains(LogLevel level, string text)
        {
            lock (_entries)
            {
                return _entries.Any(entry => entry.Level == level && entry.Text.Contains(text));
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable BeginScope<TState>(TState state) => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception exception, Func<TState, Exception, string> formatter)
        {
            lock (_entries)
            {
                _entries.Add((logLevel, formatter(state, exception)));
            }
        }

        public void Dispose()
        {
        }
    }
}
