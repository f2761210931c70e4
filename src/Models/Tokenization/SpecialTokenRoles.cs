namespace MLNetLlm.Models;

/// <summary>What a special token is for.</summary>
internal enum SpecialTokenRole
{
    BeginningOfText,
    EndOfText,
    Padding,
    Mask,
    Classifier,
    Separator,
    Unknown,
}

/// <summary>Which special tokens have which role: the tokens' spellings.</summary>
internal sealed record SpecialTokenRoles(IReadOnlyDictionary<SpecialTokenRole, string> Tokens)
{
    // As the public configuration files and our own addition to tokenizer.json call them, and the usual spellings.
    private static readonly (SpecialTokenRole Role, string ConfigKey, string Name, string[] Usual)[] All =
    [
        (SpecialTokenRole.BeginningOfText, "bos_token", "beginning_of_text", ["<|begin_of_text|>", "<|startoftext|>", "<s>", "<bos>", "[BOS]"]),
        (SpecialTokenRole.EndOfText, "eos_token", "end_of_text", ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[EOS]"]),
        (SpecialTokenRole.Padding, "pad_token", "padding", ["<pad>", "<|pad|>", "[PAD]", "<|padding|>", "<|finetune_right_pad_id|>"]),
        (SpecialTokenRole.Mask, "mask_token", "mask", ["[MASK]", "<mask>"]),
        (SpecialTokenRole.Classifier, "cls_token", "classifier", ["[CLS]", "<cls>"]),
        (SpecialTokenRole.Separator, "sep_token", "separator", ["[SEP]", "<sep>"]),
        (SpecialTokenRole.Unknown, "unk_token", "unknown", ["[UNK]", "<unk>"]),
    ];

    public static SpecialTokenRoles None { get; } = new(new Dictionary<SpecialTokenRole, string>());

    public string? this[SpecialTokenRole role] => Tokens.GetValueOrDefault(role);

    /// <summary>The roles that the usual spellings have, for files that do not state any.</summary>
    public static SpecialTokenRoles OfUsualNames(IEnumerable<string> specialTokens)
    {
        HashSet<string> present = [.. specialTokens];
        return Create(role => role.Usual.FirstOrDefault(present.Contains));
    }

    /// <summary>The roles that a configuration file states, each under its own key (<c>bos_token</c> and so on).</summary>
    public static SpecialTokenRoles OfConfiguration(Func<string, string?> tokenOfKey) => Create(role => tokenOfKey(role.ConfigKey));

    public static IEnumerable<string> ConfigurationKeys => All.Select(role => role.ConfigKey);

    /// <summary>The roles as the configuration files call them, with their tokens.</summary>
    public IEnumerable<(string Key, string Token)> ByConfigurationKey() =>
        All.Where(role => Tokens.ContainsKey(role.Role)).Select(role => (role.ConfigKey, Tokens[role.Role]));

    /// <summary>The names of the roles that a token has.</summary>
    public IEnumerable<string> NamesOf(string token) => All.Where(role => this[role.Role] == token).Select(role => role.Name);

    /// <summary>These roles, and those of the names, which a token has too.</summary>
    public SpecialTokenRoles With(string token, IEnumerable<string> names)
    {
        HashSet<string> own = [.. names];
        return Create(role => own.Contains(role.Name) ? token : this[role.Role]);
    }

    /// <summary>These roles, completed by <paramref name="fallback"/> where none is stated.</summary>
    public SpecialTokenRoles Or(SpecialTokenRoles fallback) => Create(role => this[role.Role] ?? fallback[role.Role]);

    /// <summary>Those of the roles whose token fulfils a condition.</summary>
    public SpecialTokenRoles Where(Func<string, bool> isPresent) => new(Tokens.Where(role => isPresent(role.Value)).ToDictionary());

    private static SpecialTokenRoles Create(Func<(SpecialTokenRole Role, string ConfigKey, string Name, string[] Usual), string?> tokenOf)
    {
        Dictionary<SpecialTokenRole, string> tokens = [];
        foreach (var role in All)
        {
            if (tokenOf(role) is string token)
            {
                tokens.Add(role.Role, token);
            }
        }

        return new SpecialTokenRoles(tokens);
    }
}
