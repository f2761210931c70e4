using System.Text;

namespace Packages.MLNet.Tests;

public sealed class TextFileTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly string _directory = Directory.CreateTempSubdirectory("text").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Write(string text, string name = "data.txt")
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private sealed class Message
    {
        [LoadColumn(0)]
        public string Label { get; set; }

        [LoadColumn(1)]
        public string Text { get; set; }
    }

    private sealed class Numbers
    {
        [LoadColumn(0)]
        public float First { get; set; }

        [LoadColumn(1, 3), ColumnName("Features")]
        public float[] Rest { get; set; }

        [LoadColumn(4)]
        public bool Flag { get; set; }
    }

    [Fact]
    public void Lines_are_rows_and_members_name_their_fields()
    {
        IDataView data = _ml.Data.LoadFromTextFile<Message>(Write("ham\tHello, \"you\"\nspam\tWin now\n\nham\t\n"));

        Message[] rows = _ml.Data.CreateEnumerable<Message>(data, false).ToArray();

        Assert.Equal(["ham", "spam", "ham"], rows.Select(row => row.Label));
        Assert.Equal(["Hello, \"you\"", "Win now", ""], rows.Select(row => row.Text));
        Assert.Null(data.GetRowCount());
        Assert.False(data.CanShuffle);
    }

    [Fact]
    public void Quoted_fields_hold_separators_and_quotes()
    {
        string path = Write("a,\"x, y\"\nb,\"say \"\"hi\"\"\"\nc,\"\"\nd, plain\n");

        IDataView data = _ml.Data.LoadFromTextFile<Message>(path, separatorChar: ',', allowQuoting: true);
        IDataView raw = _ml.Data.LoadFromTextFile<Message>(path, separatorChar: ',');

        Assert.Equal(["x, y", "say \"hi\"", "", "plain"], data.GetColumn<string>("Text"));
        Assert.Equal("\"x", raw.GetColumn<string>("Text").First());
    }

    [Fact]
    public void A_quoted_field_goes_on_over_lines_where_that_is_allowed()
    {
        var options = new TextLoader.Options { Separators = [','], AllowQuoting = true, ReadMultilines = true };
        IDataView data = _ml.Data.LoadFromTextFile<Message>(Write("a,\"one\ntwo\"\nb,three\n"), options);

        Assert.Equal(["one\ntwo", "three"], data.GetColumn<string>("Text"));
    }

    [Fact]
    public void Numbers_and_flags_are_parsed()
    {
        string path = Write("1.5\t1\t2\t3\ttrue\n\t4\t\t?\t0\n");

        Numbers[] rows = _ml.Data.CreateEnumerable<Numbers>(_ml.Data.LoadFromTextFile<Numbers>(path), false).ToArray();

        Assert.Equal([1.5f, 0], rows.Select(row => row.First));
        Assert.Equal([1, 2, 3], rows[0].Rest);
        Assert.Equal(4, rows[1].Rest[0]);
        Assert.Equal(0, rows[1].Rest[1]);
        Assert.True(float.IsNaN(rows[1].Rest[2]));
        Assert.Equal([true, false], rows.Select(row => row.Flag));
    }

    [Fact]
    public void Text_in_a_real_column_is_missing_and_in_a_flag_column_an_error()
    {
        Assert.True(float.IsNaN(_ml.Data.LoadFromTextFile<Numbers>(Write("abc\t1\t2\t3\ttrue\n")).GetColumn<float>("First").Single()));

        IDataView data = _ml.Data.LoadFromTextFile<Numbers>(Write("1\t1\t2\t3\tmaybe\n", "bad.txt"));
        var exception = Assert.Throws<FormatException>(() => data.GetColumn<bool>("Flag").ToArray());
        Assert.Contains("Could not parse value maybe in line 1, column Flag", exception.Message);
    }

    [Fact]
    public void A_header_is_skipped_and_names_the_slots()
    {
        string path = Write("y\ta\tb\tc\tflag\n1\t2\t3\t4\t1\n");
        var options = new TextLoader.Options { HasHeader = true, Columns = [new("Label", DataKind.Single, 0), new("Features", DataKind.Single, 1, 3)] };
        IDataView data = _ml.Data.LoadFromTextFile(path, options);

        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Features"].GetSlotNames(ref names);

        Assert.Equal(["a", "b", "c"], names.DenseValues().Select(name => name.ToString()));
        Assert.Equal([1f], data.GetColumn<float>("Label"));
        Assert.Equal([1f], _ml.Data.LoadFromTextFile<Numbers>(path, hasHeader: true).GetColumn<float>("First"));
    }

    [Fact]
    public void Empty_reals_are_missing_where_that_is_asked_for()
    {
        var options = new TextLoader.Options { MissingRealsAsNaNs = true };

        IDataView data = _ml.Data.LoadFromTextFile<Numbers>(Write("\t1\t2\t3\t1\n"), options);

        Assert.True(float.IsNaN(data.GetColumn<float>("First").Single()));
    }

    [Fact]
    public void Sparse_fields_are_spread_out()
    {
        var columns = new[]
        {
            new TextLoader.Column("Label", DataKind.Single, 0),
            new TextLoader.Column("Features", DataKind.Single, 1, 6),
        };

        IDataView data = _ml.Data.LoadFromTextFile(Write("1 6 0:5 3:7\n0 6 5:1\n"), columns, separatorChar: ' ', allowSparse: true);

        Assert.Equal([1f, 0], data.GetColumn<float>("Label"));
        Assert.Equal([5f, 0, 0, 7, 0, 0], data.GetColumn<float[]>("Features").First());
        Assert.Equal([0f, 0, 0, 0, 0, 1], data.GetColumn<float[]>("Features").Last());
    }

    [Fact]
    public void Column_ranges_may_reach_to_the_end_of_the_line()
    {
        var options = new TextLoader.Options { Separators = [','], Columns = [new("All", DataKind.Int32, [new TextLoader.Range(1, null)])] };

        IDataView data = _ml.Data.LoadFromTextFile(Write("9,1,2,3\n9,4,5,6\n"), options);

        Assert.Equal("Vector<Int32, 3>", data.Schema["All"].Type.ToString());
        Assert.Equal([4, 5, 6], data.GetColumn<int[]>("All").Last());
    }

    [Fact]
    public void Keys_are_counted_from_zero_in_files()
    {
        var columns = new[] { new TextLoader.Column("K", DataKind.UInt32, [new TextLoader.Range(0)], new KeyCount(3)) };

        IDataView data = _ml.Data.LoadFromTextFile(Write("0\n2\n3\n"), columns);

        Assert.Equal([1u, 3u, 0u], data.GetColumn<uint>("K"));
    }

    [Fact]
    public void Several_files_are_read_one_after_another()
    {
        string first = Write("a\t1\n", "one.txt");
        string second = Write("b\t2\n", "two.txt");
        TextLoader loader = _ml.Data.CreateTextLoader<Message>();

        Assert.Equal(["a", "b"], loader.Load(first, second).GetColumn<string>("Label"));
        Assert.Equal(["a", "b"], _ml.Data.LoadFromTextFile<Message>(Path.Combine(_directory, "*.txt")).GetColumn<string>("Label"));
    }

    [Fact]
    public void Comments_empty_lines_and_trailing_spaces_are_left_out()
    {
        string path = Write("#@ comment\n// another\na\tone  \n\n// third\nb\ttwo\n");

        Assert.Equal(["one", "two"], _ml.Data.LoadFromTextFile<Message>(path, trimWhitespace: true).GetColumn<string>("Text"));
    }

    [Fact]
    public void Wrong_sources_are_errors()
    {
        string missing = Path.Combine(_directory, "nothing.txt");
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile<Message>(missing));
        Assert.Contains("File or directory does not exist at path: " + missing, exception.Message);

        var unmapped = Assert.Throws<InvalidOperationException>(() => _ml.Data.LoadFromTextFile<Unmapped>(Write("a\n")));
        Assert.Equal("Property 'Text' is missing the LoadColumnAttribute attribute", unmapped.Message);
    }

    private sealed class Unmapped
    {
        public string Text { get; set; }
    }

    [Fact]
    public void What_is_saved_as_text_loads_again()
    {
        var rows = new[]
        {
            new Message { Label = "a", Text = "tab\there" },
            new Message { Label = "b", Text = "quote \" and : colon" },
            new Message { Label = "c", Text = "" },
        };
        using var stream = new MemoryStream();
        _ml.Data.SaveAsText(_ml.Data.LoadFromEnumerable(rows), stream);
        string text = Encoding.UTF8.GetString(stream.ToArray());

        Assert.Contains("#@ TextLoader{", text);
        Assert.Contains("Label\tText", text);
        IDataView data = _ml.Data.LoadFromTextFile<Message>(Write(text, "saved.txt"), hasHeader: true, allowQuoting: true);
        Assert.Equal(rows.Select(row => row.Text), data.GetColumn<string>("Text"));
    }
}
