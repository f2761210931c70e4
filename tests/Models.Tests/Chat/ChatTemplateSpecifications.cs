namespace MLNetLlm.Models.Tests.Chat;

public class ChatTemplateSpecifications
{
    private static readonly ChatTemplate Custom = new()
    {
        Name = "custom",
        User = "Q: {content}\n",
        Assistant = "A: {content}\n",
    };

    // The "text" column of the public data set tatsu-lab/alpaca.
    [Fact]
    public void Alpaca_with_an_input_is_the_published_text() => Assert.Equal(
        "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n"
        + "### Instruction:\nCreate a classification task by clustering the given list of items.\n\n"
        + "### Input:\nApples, oranges, bananas, strawberries, pineapples\n\n"
        + "### Response:\nClass 1: Apples, Oranges\nClass 2: Bananas, Strawberries\nClass 3: Pineapples<|endoftext|>",
        ChatTemplate.Alpaca.Render(ChatTemplate.Alpaca.InstructionTurns(
            "Create a classification task by clustering the given list of items.",
            "Apples, oranges, bananas, strawberries, pineapples",
            "Class 1: Apples, Oranges\nClass 2: Bananas, Strawberries\nClass 3: Pineapples")));

    [Fact]
    public void Alpaca_without_an_input_is_the_published_text() => Assert.Equal(
        "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
        + "### Instruction:\nGive three tips for staying healthy.\n\n"
        + "### Response:\n",
        ChatTemplate.Alpaca.Render(ChatTemplate.Alpaca.InstructionTurns("Give three tips for staying healthy.", "")));

    // The chat format of the model card of microsoft/Phi-3-mini-4k-instruct.
    [Fact]
    public void Phi_3_is_the_published_text() => Assert.Equal(
        "<|system|>\nYou are a helpful assistant.<|end|>\n<|user|>\nHow to explain Internet for a medieval knight?<|end|>\n<|assistant|>\n",
        ChatTemplate.Phi3.Render([ChatTurn.System("You are a helpful assistant."), ChatTurn.User("How to explain Internet for a medieval knight?")]));

    // The example of OpenAI's chatml.md.
    [Fact]
    public void ChatML_is_the_published_text() => Assert.Equal(
        "<|im_start|>system\nYou are ChatGPT, a large language model trained by OpenAI. Answer as concisely as possible.\nKnowledge cutoff: 2021-09-01\nCurrent date: 2023-03-01<|im_end|>\n"
        + "<|im_start|>user\nHow are you<|im_end|>\n<|im_start|>assistant\nI am doing well!<|im_end|>\n<|im_start|>user\nHow are you now?<|im_end|>\n"
        + "<|im_start|>assistant\n",
        ChatTemplate.ChatML.Render(
        [
            ChatTurn.System("You are ChatGPT, a large language model trained by OpenAI. Answer as concisely as possible.\nKnowledge cutoff: 2021-09-01\nCurrent date: 2023-03-01"),
            ChatTurn.User("How are you"),
            ChatTurn.Assistant("I am doing well!"),
            ChatTurn.User("How are you now?"),
        ]));

    // The example of Meta's page on Llama 3's prompt format.
    [Fact]
    public void Llama_3_is_the_published_text() => Assert.Equal(
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nYou are a helpful AI assistant for travel tips and recommendations<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>\n\nWhat can you help me with?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        ChatTemplate.Llama3.Render(
        [
            ChatTurn.System("You are a helpful AI assistant for travel tips and recommendations"),
            // Meta's code strips each message.
            ChatTurn.User("  What can you help me with?\n"),
        ]));

    [Fact]
    public void A_custom_template_is_its_texts() => Assert.Equal(
        "Q: Two and two?\nA: Four.\nQ: And one?\nA: ",
        Custom.Render([ChatTurn.User("Two and two?"), ChatTurn.Assistant("Four."), ChatTurn.User("And one?")]));

    [Fact]
    public void A_default_system_prompt_stands_where_a_conversation_has_none()
    {
        var template = ChatTemplate.ChatML with { DefaultSystemPrompt = "Be kind." };

        Assert.StartsWith("<|im_start|>system\nBe kind.<|im_end|>\n", template.Render([ChatTurn.User("Hi")]));
        Assert.StartsWith("<|im_start|>system\nBe quick.<|im_end|>\n<|im_start|>user", template.Render([ChatTurn.System("Be quick."), ChatTurn.User("Hi")]));
    }

    [Fact]
    public void The_presets_are_valid() =>
        Assert.All([ChatTemplate.Alpaca, ChatTemplate.Phi3, ChatTemplate.ChatML, ChatTemplate.Llama3], template => template.Validate());

    [Fact]
    public void A_template_without_a_response_slot_is_refused()
    {
        var error = Assert.Throws<ArgumentException>((Custom with { Assistant = "A: \n" }).Validate);

        Assert.Contains("response slot", error.Message);
        Assert.Contains("'custom'", error.Message);
        Assert.Contains("Assistant", error.Message);
    }

    public static TheoryData<string, ChatTemplate> Invalid => new()
    {
        { "Assistant", Custom with { Assistant = "{content} or {content}\n" } },
        { "ends a response", Custom with { Assistant = "A: {content}" } },
        { "User", Custom with { User = "Q:\n" } },
        { "System", Custom with { System = "S:\n" } },
        { "Beginning", Custom with { Beginning = "{content}" } },
        { "DefaultSystemPrompt", Custom with { DefaultSystemPrompt = "Be kind." } },
        { "'<|x|>' does not", Custom with { SpecialTokens = ["<|x|>"] } },
        { "twice", Custom with { User = "<|x|>{content}", SpecialTokens = ["<|x|>", "<|x|>"] } },
        { "two characters", Custom with { SpecialTokens = ["Q"] } },
        { "StopStrings", Custom with { StopStrings = [""] } },
        { "Name", Custom with { Name = " " } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Contradictions_are_refused_by_name(string named, ChatTemplate template) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(template.Validate).Message);

    public static TheoryData<string, ChatTurn[]> Disordered => new()
    {
        { "no turn of the user", [] },
        { "no turn of the user", [ChatTurn.System("Be kind.")] },
        { "must be the user's", [ChatTurn.Assistant("Hi")] },
        { "must be the assistant's", [ChatTurn.User("Hi"), ChatTurn.User("Hello?")] },
        { "only be the first", [ChatTurn.User("Hi"), ChatTurn.System("Be kind."), ChatTurn.Assistant("Hello")] },
        { "empty", [ChatTurn.User("Hi"), ChatTurn.Assistant(" ")] },
    };

    [Theory]
    [MemberData(nameof(Disordered))]
    public void Turns_out_of_order_are_refused(string named, ChatTurn[] turns) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => ChatTemplate.ChatML.Render(turns)).Message);

    [Fact]
    public void A_system_turn_that_the_template_has_no_place_for_is_refused() => Assert.Contains(
        "'custom'", Assert.Throws<ArgumentException>(() => Custom.Render([ChatTurn.System("Be kind."), ChatTurn.User("Hi")])).Message);
}
