using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Chat;

public sealed class ConversationSpecifications
{
    [Fact]
    public void Roles_become_turns()
    {
        var turns = ConversationReader.Read(
            [
                new ChatMessage(ChatRole.System, "be brief"), new ChatMessage(ChatRole.User, "a"), new ChatMessage(ChatRole.Assistant, "b"),
                new ChatMessage(ChatRole.User, "c"),
            ],
            null);

        Assert.Equal([ChatTurn.System("be brief"), ChatTurn.User("a"), ChatTurn.Assistant("b"), ChatTurn.User("c")], turns);
    }

    [Fact]
    public void Neighbours_of_one_role_are_one_turn_and_instructions_come_first()
    {
        var turns = ConversationReader.Read(
            [
                new ChatMessage(new ChatRole("developer"), "in English"), new ChatMessage(ChatRole.User, "a"), new ChatMessage(ChatRole.Assistant, " "),
                new ChatMessage(ChatRole.User, [new TextContent("b"), new TextContent("c")]),
            ],
            "be brief");

        Assert.Equal([ChatTurn.System("be brief\n\nin English"), ChatTurn.User("a\n\nbc")], turns);
    }

    [Fact]
    public void A_system_message_after_the_first_turn_is_refused_by_the_template()
    {
        var turns = ConversationReader.Read([new ChatMessage(ChatRole.User, "a"), new ChatMessage(ChatRole.System, "b"), new ChatMessage(ChatRole.User, "c")], null);

        Assert.Contains("system", Assert.Throws<ArgumentException>(() => TestModels.Template.Render(turns)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tool", "x", "'tool'")]
    [InlineData("critic", "x", "'critic'")]
    public void An_unknown_role_is_refused_by_name(string role, string text, string named)
    {
        var error = Assert.Throws<NotSupportedException>(() => ConversationReader.Read([new ChatMessage(new ChatRole(role), text)], null));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("messages[0]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contents_other_than_text_are_refused_by_kind()
    {
        var image = new ChatMessage(ChatRole.User, [new TextContent("what is this?"), new DataContent(new byte[] { 1 }, "image/png")]);

        Assert.Contains("DataContent", Assert.Throws<NotSupportedException>(() => ConversationReader.Read([image], null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_word_must_be_the_users()
    {
        Assert.Throws<ArgumentException>(() => ConversationReader.Read([], null));
        Assert.Throws<ArgumentException>(() => ConversationReader.Read([new ChatMessage(ChatRole.System, "a")], null));
        Assert.Throws<ArgumentException>(() => ConversationReader.Read([new ChatMessage(ChatRole.User, "a"), new ChatMessage(ChatRole.Assistant, "b")], null));
        Assert.Contains("messages[0]", Assert.Throws<ArgumentException>(() => ConversationReader.Read([new ChatMessage(ChatRole.User, " ")], null)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => ConversationReader.Read(null!, null));
    }

    [Fact]
    public async Task A_conversation_longer_than_the_context_loses_its_oldest_exchanges_and_says_so()
    {
        using var model = TestModels.Random(contextLength: 48);
        using var client = model.AsChatClient(TestModels.Template);

        var response = await client.GetResponseAsync(Long, new ChatOptions { MaxOutputTokens = 4 });

        Assert.Equal(2, response.AdditionalProperties!["dropped_turns"]);
        Assert.Equal(TestModels.PromptTokens(ChatTurn.User("the cat sat on the mat")), response.Usage!.InputTokenCount);
        var last = (await client.GetStreamingResponseAsync(Long, new ChatOptions { MaxOutputTokens = 4 }).ToListAsync())[^1];
        Assert.Equal(2, last.AdditionalProperties!["dropped_turns"]);
    }

    [Fact]
    public async Task Or_it_is_refused_with_both_lengths()
    {
        using var model = TestModels.Random(contextLength: 48);
        using var client = model.AsChatClient(TestModels.Template, new ChatClientSettings { Overflow = ChatOverflow.Refuse });

        var error = await Assert.ThrowsAsync<ConversationTooLongException>(() => client.GetResponseAsync(Long, new ChatOptions { MaxOutputTokens = 4 }));

        Assert.Contains("44", error.Message, StringComparison.Ordinal);
        Assert.Contains("conversation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_message_that_does_not_fit_alone_is_refused()
    {
        using var model = TestModels.Random(contextLength: 24);
        using var client = model.AsChatClient(TestModels.Template);

        var error = await Assert.ThrowsAsync<ConversationTooLongException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, new string('z', 200))]));

        Assert.Contains("last message", error.Message, StringComparison.Ordinal);
    }

    private static ChatMessage[] Long =>
    [
        new(ChatRole.User, new string('z', 20)), new(ChatRole.Assistant, "free prizes, call now"), new(ChatRole.User, "the cat sat on the mat"),
    ];
}
