using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MLNetLlm.ChatService.Tests;

/// <summary>The page in a real browser.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class PageTests(ServiceFixture fixture, Browser browser) : IClassFixture<Browser>
{
    [SkippableFact]
    public async Task A_message_is_answered_piece_by_piece_with_its_speed()
    {
        var page = await OpenAsync();
        await Expect(page.GetByText("Model tiny, context of 4096 tokens")).ToBeVisibleAsync();

        await SayAsync(page, "Hello", tokens: 30);

        var answer = page.Locator(".turn.assistant");
        await Expect(answer.Locator(".facts")).ToHaveTextAsync(new Regex(@"^30 tokens · [\d.]+ tokens/s · first after \d+ ms · cut at the limit$"));
        Assert.NotEmpty((await answer.Locator(".text").TextContentAsync())!);
        await Expect(page.GetByRole(AriaRole.Log)).ToHaveAttributeAsync("aria-busy", "false");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeVisibleAsync();
        await Expect(Message(page)).ToBeFocusedAsync();
    }

    [SkippableFact]
    public async Task A_conversation_goes_on_and_begins_anew()
    {
        var page = await OpenAsync();
        await SayAsync(page, "Hello", tokens: 5);
        await SayAsync(page, "And?", tokens: 5);
        await Expect(page.Locator(".turn")).ToHaveCountAsync(4);

        await page.GetByRole(AriaRole.Button, new() { Name = "New chat" }).ClickAsync();

        await Expect(page.Locator(".turn")).ToHaveCountAsync(0);
        await Expect(Message(page)).ToBeFocusedAsync();
    }

    [SkippableTheory]
    [InlineData("button")]
    [InlineData("key")]
    public async Task An_answer_can_be_stopped(string how)
    {
        var page = await OpenAsync();
        await using var slow = await SlowConnection.BeginAsync(page);
        await BeginAsync(page, "Hello", tokens: TinyModels.LongText);
        var text = page.Locator(".turn.assistant .text");
        await Expect(text).Not.ToBeEmptyAsync();

        if (how == "button")
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        }
        else
        {
            await page.Keyboard.PressAsync("Escape");
        }

        await Expect(page.Locator(".turn.assistant .facts")).ToContainTextAsync("stopped");
        await Eventually.HoldsAsync(() => fixture.Service.Statistics.Running == 0, "the slot is free");
        Assert.NotEmpty((await text.TextContentAsync())!);
        await slow.DisposeAsync();
        await SayAsync(page, "Go on", tokens: 3);
    }

    [SkippableFact]
    public async Task A_new_chat_knows_nothing_of_the_answer_that_it_interrupted()
    {
        var page = await OpenAsync();
        await using var slow = await SlowConnection.BeginAsync(page);
        await BeginAsync(page, "Hello", tokens: TinyModels.LongText);
        await Expect(page.Locator(".turn.assistant .text")).Not.ToBeEmptyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "New chat" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeVisibleAsync();
        await slow.DisposeAsync();

        var sent = page.WaitForRequestAsync("**/v1/chat/completions");
        await SayAsync(page, "And?", tokens: 3);

        var messages = JsonDocument.Parse((await sent).PostData!).RootElement.GetProperty("messages");
        Assert.Equal("And?", Assert.Single(messages.EnumerateArray()).GetProperty("content").GetString());
    }

    [SkippableFact]
    public async Task All_can_be_done_by_keyboard_in_an_order_that_makes_sense()
    {
        var page = await OpenAsync();
        var order = new List<string>();
        for (var i = 0; i < 11; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            order.Add(await page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.className || document.activeElement.tagName"));
        }

        Assert.Equal(["skip", "theme", "new-chat", "log", "message", "send", "spam-text", "spam-example", "spam-send", "SUMMARY", "system"], order);
        await Message(page).FocusAsync();
        await page.Keyboard.TypeAsync("One");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("two");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".turn.user .text")).ToHaveTextAsync("One\ntwo", new() { UseInnerText = true });
    }

    [SkippableFact]
    public async Task Every_field_has_a_name_and_news_are_announced()
    {
        var page = await OpenAsync();

        var unnamed = await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('input, textarea, select, meter')].filter(e => !e.labels?.length && !e.ariaLabel).map(e => e.id)");

        Assert.Empty(unnamed);
        await Expect(page.GetByRole(AriaRole.Log, new() { Name = "Conversation" })).ToBeVisibleAsync();
        await SayAsync(page, "Hello", tokens: 3);
        await Expect(page.Locator("#announcer")).ToContainTextAsync("The answer is complete.");
    }

    [SkippableFact]
    public async Task What_looks_like_html_is_shown_as_text()
    {
        const string Attack = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>";
        var page = await OpenAsync();
        // Whatever the model writes: its answer is replaced by an attack on the way.
        await page.RouteAsync("**/v1/chat/completions", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/event-stream",
            Body = $"data: {JsonSerializer.Serialize(new { choices = new[] { new { delta = new { content = Attack }, finish_reason = "stop" } } })}\n\ndata: [DONE]\n\n",
        }));

        await SayAsync(page, Attack, tokens: 3);

        await Expect(page.Locator(".turn.assistant .text")).ToHaveTextAsync(Attack);
        await Expect(page.Locator(".turn.user .text")).ToHaveTextAsync(Attack);
        Assert.Equal(0, await page.Locator(".turn img, .turn script").CountAsync());
        Assert.Equal("MLNetLlm chat", await page.TitleAsync());
    }

    [SkippableFact]
    public async Task Nothing_comes_from_elsewhere_and_nothing_goes_wrong()
    {
        var page = await OpenAsync();
        var (requests, problems) = (new List<string>(), new List<string>());
        page.Request += (_, request) => requests.Add(request.Url);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                problems.Add(message.Text);
            }
        };
        page.PageError += (_, error) => problems.Add(error);
        await page.ReloadAsync();
        await SayAsync(page, "Hello", tokens: 3);

        Assert.NotEmpty(requests);
        Assert.All(requests, url => Assert.StartsWith(fixture.Service.Address.AbsoluteUri, url, StringComparison.Ordinal));
        Assert.Empty(problems);
    }

    [SkippableFact]
    public async Task A_message_is_judged()
    {
        var page = await OpenAsync();

        await page.GetByLabel("Text message").FillAsync("win a free prize now, call this number today");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();

        await Expect(page.Locator("#spam-verdict")).ToHaveTextAsync("Spam");
        await Expect(page.Locator("#spam-probability")).ToHaveTextAsync(new Regex(@"^Probability of spam: [\d.]+\s%$"));
        await Expect(page.GetByLabel("Probability of spam")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task Settings_reach_the_service_and_its_errors_the_reader()
    {
        var page = await OpenAsync();
        var sent = page.WaitForRequestAsync("**/v1/chat/completions");
        await page.GetByLabel("Temperature").FillAsync("1.2");
        await page.GetByLabel("Seed").FillAsync("5");
        await page.GetByLabel("Instructions for the model").FillAsync("Be brief.");
        await SayAsync(page, "Hello", tokens: 3);

        var body = JsonDocument.Parse((await sent).PostData!).RootElement;
        Assert.Equal(1.2, body.GetProperty("temperature").GetDouble());
        Assert.Equal(5, body.GetProperty("seed").GetInt32());
        Assert.Equal("system", body.GetProperty("messages")[0].GetProperty("role").GetString());

        await page.GetByLabel("Temperature").FillAsync("9");
        await BeginAsync(page, "Hello", tokens: 3);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'temperature' must be 0 to 2");
    }

    [SkippableFact]
    public async Task A_key_that_the_service_asks_for_is_entered_on_the_page()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("Service:ApiKeys:0", "a-long-enough-key"));
        var page = await browser.OpenAsync(service.Address);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("asks for an API key");

        await page.GetByLabel("API key").FillAsync("a-long-enough-key");
        await page.GetByLabel("API key").BlurAsync();

        await Expect(page.GetByText("Model tiny")).ToBeVisibleAsync();
        await SayAsync(page, "Hello", tokens: 3);
    }

    [SkippableFact]
    public async Task A_conversation_that_outgrows_the_context_goes_on_without_its_oldest_messages()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCapacity", "96"));
        var page = await browser.OpenAsync(service.Address);
        var alert = page.GetByRole(AriaRole.Alert);
        var said = 0;
        // How soon depends on the lengths of the answers, which are drawn at random.
        do
        {
            await SayAsync(page, "the meeting is tomorrow at nine", tokens: 16);
            said++;
        }
        while (said < 20 && !await alert.IsVisibleAsync());

        await Expect(alert).ToContainTextAsync("outgrown the model's context");
        await SayAsync(page, "the meeting is tomorrow at nine", tokens: 16);
        await Expect(page.Locator(".turn")).ToHaveCountAsync(2 * (said + 1));
    }

    [SkippableTheory]
    [InlineData(390, 844, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    [InlineData(1280, 800, ColorScheme.Light)]
    [InlineData(1280, 800, ColorScheme.Dark)]
    public async Task It_fits_phones_and_desktops_in_light_and_dark_with_contrast(int width, int height, ColorScheme scheme)
    {
        var page = await browser.OpenAsync(fixture.Service.Address, width, height, scheme);
        await SayAsync(page, "Hello", tokens: 40);
        await page.GetByLabel("Text message").FillAsync("win a free prize now");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();
        await Expect(page.Locator("#spam-verdict")).Not.ToBeEmptyAsync();

        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the screen.");
        Assert.Empty(await page.EvaluateAsync<string[]>(Contrast.Script));
        if (Environment.GetEnvironmentVariable("MLNETLLM_SCREENSHOTS") is { Length: > 0 } directory)
        {
            await page.EvaluateAsync("scrollTo(0, 0)");
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(directory, $"{width}-{scheme}.png") });
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(directory, $"{width}-{scheme}-full.png"), FullPage = true });
        }
    }

    private Task<IPage> OpenAsync() => browser.OpenAsync(fixture.Service.Address);

    private static ILocator Message(IPage page) => page.GetByLabel("Your message");

    private static async Task BeginAsync(IPage page, string text, int tokens)
    {
        await Expect(page.Locator("#model")).ToContainTextAsync("Model");
        // The settings are folded on narrow screens.
        await page.EvaluateAsync("document.getElementById('settings').open = true");
        await page.GetByLabel("Most new tokens").FillAsync(tokens.ToString(CultureInfo.InvariantCulture));
        await Message(page).FillAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task SayAsync(IPage page, string text, int tokens)
    {
        var before = await page.Locator(".turn.assistant").CountAsync();
        await BeginAsync(page, text, tokens);
        await Expect(page.Locator(".turn.assistant:not(.busy)")).ToHaveCountAsync(before + 1);
    }
}
