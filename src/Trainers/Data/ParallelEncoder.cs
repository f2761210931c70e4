namespace MLNetLlm.Trainers;

/// <summary>Encodes a stream of texts on all processors, in order, holding only a few pieces of work at a time.</summary>
internal static class ParallelEncoder
{
    private const int CharactersAtOnce = 1 << 16;
    private const int TextsAtOnce = 1024;

    public static IEnumerable<T> Encode<T>(IEnumerable<string> texts, Func<string, T> encode)
    {
        var ahead = 2 * Environment.ProcessorCount;
        var running = new Queue<Task<T[]>>();
        foreach (var piece in Pieces(texts))
        {
            running.Enqueue(Task.Run(() => Array.ConvertAll(piece, text => encode(text))));
            if (running.Count > ahead)
            {
                foreach (var encoded in running.Dequeue().GetAwaiter().GetResult())
                {
                    yield return encoded;
                }
            }
        }

        while (running.TryDequeue(out var piece))
        {
            foreach (var encoded in piece.GetAwaiter().GetResult())
            {
                yield return encoded;
            }
        }
    }

    private static IEnumerable<string[]> Pieces(IEnumerable<string> texts)
    {
        var piece = new List<string>();
        var characters = 0L;
        foreach (var text in texts)
        {
            piece.Add(text);
            characters += text.Length;
            if (characters >= CharactersAtOnce || piece.Count >= TextsAtOnce)
            {
                yield return piece.ToArray();
                piece.Clear();
                characters = 0;
            }
        }

        if (piece.Count > 0)
        {
            yield return piece.ToArray();
        }
    }
}
