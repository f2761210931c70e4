namespace MLNetLlm.Models.Tests.Hub;

/// <summary>Settings come from the variables of the Hub's own tools, and mistakes in them are named.</summary>
public class HubOptionsSpecifications
{
    [Fact]
    public void WithoutVariablesTheDefaultsAreThoseOfTheHubsTools()
    {
        var options = From(("HOME", "/home/me"));
        Assert.Equal(HubOptions.PublicEndpoint, options.Endpoint.OriginalString);
        Assert.Equal(Path.Combine("/home/me", ".cache", "huggingface", "hub"), options.CacheDirectory);
        Assert.Equal("main", options.Revision);
        Assert.Null(options.Token);
        Assert.False(options.Offline);
        Assert.True(options.UseSymbolicLinks);
        options.Validate();
    }

    [Fact]
    public void TheCacheIsWhereTheVariablesSay()
    {
        Assert.Equal("/a", From(("HF_HUB_CACHE", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HOME", "/c")).CacheDirectory);
        Assert.Equal("/b", From(("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HOME", "/c")).CacheDirectory);
        Assert.Equal(Path.Combine("/c", "hub"), From(("HF_HOME", "/c"), ("XDG_CACHE_HOME", "/d")).CacheDirectory);
        Assert.Equal(Path.Combine("/d", "huggingface", "hub"), From(("XDG_CACHE_HOME", "/d")).CacheDirectory);
        Assert.Equal(Path.Combine("/home/me", "models", "hub"), From(("HF_HOME", "~/models"), ("HOME", "/home/me")).CacheDirectory);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("ON", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void SwitchesAreReadAsTheHubsToolsReadThem(string value, bool expected)
    {
        Assert.Equal(expected, From(("HF_HUB_OFFLINE", value)).Offline);
        Assert.Equal(expected, From(("TRANSFORMERS_OFFLINE", value)).Offline);
        Assert.Equal(expected, !From(("HF_HUB_DISABLE_SYMLINKS", value)).UseSymbolicLinks);
    }

    [Fact]
    public void TheTokenIsTheVariableOrTheFileOfTheLogin()
    {
        using var home = new TemporaryDirectory();
        Assert.Null(From(("HF_HOME", home.Path)).Token);
        File.WriteAllText(home.File("token"), "hf_FILE\n");
        Assert.Equal("hf_FILE", From(("HF_HOME", home.Path)).Token);
        Assert.Equal("hf_VARIABLE", From(("HF_HOME", home.Path), ("HF_TOKEN", " hf_VARIABLE ")).Token);
        Assert.Equal("hf_FILE", From(("HF_TOKEN_PATH", home.File("token"))).Token);
        Assert.Null(From(("HF_HOME", home.Path), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
    }

    [Fact]
    public void ATokenIsNeverPrinted()
    {
        var options = From(("HF_TOKEN", "hf_SECRET"));
        Assert.DoesNotContain("hf_SECRET", options.ToString());
        Assert.Contains("Token = given", options.ToString());
        var exception = Assert.Throws<ArgumentException>(() => (options with { Token = "hf_SECRET\nmore" }).Validate());
        Assert.DoesNotContain("hf_SECRET", exception.Message);
    }

    [Fact]
    public void MistakesNameTheSetting()
    {
        var options = From();
        AssertRefused(options with { Endpoint = new Uri("ftp://example.org") }, nameof(HubOptions.Endpoint));
        AssertRefused(options with { Endpoint = new Uri("http://me:password@example.org") }, nameof(HubOptions.Endpoint));
        AssertRefused(options with { Endpoint = new Uri("relative", UriKind.Relative) }, nameof(HubOptions.Endpoint));
        AssertRefused(options with { Token = "" }, nameof(HubOptions.Token));
        AssertRefused(options with { CacheDirectory = " " }, nameof(HubOptions.CacheDirectory));
        AssertRefused(options with { MaximumAttempts = 0 }, nameof(HubOptions.MaximumAttempts));
        AssertRefused(options with { ParallelDownloads = 0 }, nameof(HubOptions.ParallelDownloads));
        AssertRefused(options with { StallTimeout = TimeSpan.Zero }, nameof(HubOptions.StallTimeout));
        Assert.Contains("HF_ENDPOINT", Assert.Throws<ArgumentException>(() => From(("HF_ENDPOINT", "nowhere"))).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("/main")]
    [InlineData("main/")]
    [InlineData("-main")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a\n")]
    public void ARevisionThatIsNoneIsRefused(string revision) => AssertRefused(From() with { Revision = revision }, nameof(HubOptions.Revision));

    [Theory]
    [InlineData("main")]
    [InlineData("v1.0")]
    [InlineData("refs/pr/12")]
    [InlineData("feature/a-b_c")]
    [InlineData("607a30d783dfa663caf39e06633721c8d4cfcd7e")]
    public void BranchesTagsAndCommitsAreRevisions(string revision) => (From() with { Revision = revision }).Validate();

    private static HubOptions From(params (string Name, string Value)[] variables) =>
        new(name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault());

    private static void AssertRefused(HubOptions options, string setting)
    {
        var exception = Assert.Throws<ArgumentException>(options.Validate);
        Assert.StartsWith($"HubOptions.{setting} must be", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", exception.Message);
    }
}
