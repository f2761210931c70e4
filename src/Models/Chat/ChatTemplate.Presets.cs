namespace MLNetLlm.Models;

/// <content>Published templates, byte for byte.</content>
public sealed partial record ChatTemplate
{
    /// <summary>
    /// Stanford Alpaca (Taori et al. 2023), as the <c>text</c> column of its public data set has it. Plain text: it needs no special
    /// tokens, and suits a small base model of any vocabulary.
    /// </summary>
    public static ChatTemplate Alpaca { get; } = new()
    {
        Name = "Alpaca",
        System = "{content}\n\n",
        User = "### Instruction:\n{content}\n\n",
        Assistant = "### Response:\n{content}{end_of_text}",
        DefaultSystemPrompt = "Below is an instruction that describes a task. Write a response that appropriately completes the request.",
        DefaultSystemPromptWithInput =
            "Below is an instruction that describes a task, paired with an input that provides further context. "
            + "Write a response that appropriately completes the request.",
        InputSeparator = "\n\n### Input:\n",
    };

    /// <summary>Microsoft's Phi-3 instruct models (Abdin et al. 2024).</summary>
    public static ChatTemplate Phi3 { get; } = new()
    {
        Name = "Phi-3",
        System = "<|system|>\n{content}<|end|>\n",
        User = "<|user|>\n{content}<|end|>\n",
        Assistant = "<|assistant|>\n{content}<|end|>\n",
        SpecialTokens = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"],
    };

    /// <summary>OpenAI's Chat Markup Language, which Qwen and many others use.</summary>
    public static ChatTemplate ChatML { get; } = new()
    {
        Name = "ChatML",
        System = "<|im_start|>system\n{content}<|im_end|>\n",
        User = "<|im_start|>user\n{content}<|im_end|>\n",
        Assistant = "<|im_start|>assistant\n{content}<|im_end|>\n",
        SpecialTokens = ["<|im_start|>", "<|im_end|>"],
    };

    /// <summary>Meta's Llama 3 instruct models (Grattafiori et al. 2024), which trim each turn.</summary>
    public static ChatTemplate Llama3 { get; } = new()
    {
        Name = "Llama-3",
        Beginning = "<|begin_of_text|>",
        System = "<|start_header_id|>system<|end_header_id|>\n\n{content}<|eot_id|>",
        User = "<|start_header_id|>user<|end_header_id|>\n\n{content}<|eot_id|>",
        Assistant = "<|start_header_id|>assistant<|end_header_id|>\n\n{content}<|eot_id|>",
        SpecialTokens = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        TrimsContent = true,
    };
}
