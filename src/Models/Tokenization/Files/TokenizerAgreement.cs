namespace MLNetLlm.Models;

/// <summary>
/// Whether a second tokenizer file of a directory holds the vocabulary of the first. Public checkpoints ship the same
/// vocabulary in several formats; a directory with two vocabularies was put together by mistake.
/// </summary>
internal static class TokenizerAgreement
{
    public static void Require(TokenizerDefinition chosen, string chosenFile, IReadOnlyDictionary<string, int> other, string otherFile)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        Dictionary<int, string> tokens = [];
        foreach ((string token, int id) in chosen.AllTokens)
        {
            ids.TryAdd(token, id);
            tokens.TryAdd(id, token);
        }

        foreach ((string token, int id) in other)
        {
            // Special tokens are renamed and moved by later models of a family; ordinary ones are the vocabulary.
            bool known = ids.TryGetValue(token, out int chosenId);
            if ((known && chosenId != id) || (!known && tokens.TryGetValue(id, out string? taken) && chosen.Model.Vocabulary.ContainsKey(taken)))
            {
                throw new InvalidDataException(
                    $"A directory should hold one vocabulary, in one file or in several that agree. '{chosenFile}', which is read first, and '{otherFile}' contradict " +
                    $"each other: expected token '{token}' with id {(known ? chosenId : "none")}, found it with id {id}" +
                    (known ? "." : $", which is '{tokens[id]}' in the first.") + " Remove the file that does not belong to the model.");
            }
        }
    }
}
