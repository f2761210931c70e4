namespace MLNetLlm.Models;

/// <summary>All pieces of a vocabulary by their characters, for finding every piece that starts at a place of a text.</summary>
internal sealed class PieceTrie
{
    // A node's children stand together in the order of their characters; the root's are looked up by character.
    private readonly Node[] _nodes;
    private readonly int[] _roots = new int[char.MaxValue + 1];

    /// <param name="pieces">Distinct, none empty.</param>
    public PieceTrie(IEnumerable<(string Piece, int Id)> pieces)
    {
        (string Piece, int Id)[] sorted = pieces.ToArray();
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Piece, right.Piece));
        Array.Fill(_roots, -1);

        Queue<(int Node, int First, int End, int Depth)> open = new();
        List<Node> nodes = [];
        AddChildren(sorted, 0, sorted.Length, 0, nodes, open);
        for (int node = 0; node < nodes.Count; node++)
        {
            _roots[nodes[node].Character] = node;
        }

        while (open.TryDequeue(out var parent))
        {
            int firstChild = nodes.Count;
            AddChildren(sorted, parent.First, parent.End, parent.Depth, nodes, open);
            nodes[parent.Node] = nodes[parent.Node] with { FirstChild = firstChild, ChildCount = nodes.Count - firstChild };
        }

        _nodes = nodes.ToArray();
    }

    /// <summary>The node of a text's first character, or -1.</summary>
    public int Root(char character) => _roots[character];

    /// <summary>The node that a character leads to, or -1.</summary>
    public int Child(int node, char character)
    {
        ref readonly Node parent = ref _nodes[node];
        int low = parent.FirstChild;
        int high = low + parent.ChildCount - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            char found = _nodes[middle].Character;
            if (found == character)
            {
                return middle;
            }

            (low, high) = found < character ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    /// <summary>The id of the piece that ends at a node, or -1.</summary>
    public int IdAt(int node) => _nodes[node].Id;

    private static void AddChildren(
        (string Piece, int Id)[] sorted, int first, int end, int depth, List<Node> nodes, Queue<(int Node, int First, int End, int Depth)> open)
    {
        // A piece that ends here sorts before all that go on.
        while (first < end && sorted[first].Piece.Length <= depth)
        {
            first++;
        }

        while (first < end)
        {
            char character = sorted[first].Piece[depth];
            int next = first;
            while (next < end && sorted[next].Piece[depth] == character)
            {
                next++;
            }

            bool endsHere = sorted[first].Piece.Length == depth + 1;
            open.Enqueue((nodes.Count, first, next, depth + 1));
            nodes.Add(new Node(character, endsHere ? sorted[first].Id : -1, 0, 0));
            first = next;
        }
    }

    private readonly record struct Node(char Character, int Id, int FirstChild, int ChildCount);
}
