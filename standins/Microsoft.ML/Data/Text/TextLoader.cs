using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.IDataLoader<IMultiStreamSource>), typeof(TextLoader), null,
    typeof(Microsoft.ML.SignatureLoadModel), "Text Loader", TextLoader.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>Reads text files, a row from each line.</summary>
public sealed partial class TextLoader : IDataLoader<IMultiStreamSource>
{
    internal const string LoaderSignature = "TextLoader";

    private readonly IHost _host;
    private readonly Options _options;
    private readonly BoundColumn[] _columns;
    private readonly DataViewSchema _schema;

    internal TextLoader(IHostEnvironment env, Options options, IMultiStreamSource dataSample = null)
    {
        _host = env.Register(LoaderSignature);
        _host.CheckValue(options, nameof(options));
        _options = options;
        CheckOptions(options);
        Column[] columns = options.Columns ?? [new Column("Label", DataKind.Single, 0), new Column("Features", DataKind.Single, [new Range(1, null)])];
        Lazy<int> fieldCount = new(() => CountFields(dataSample));
        _columns = columns.Select(column => BoundColumn.Create(_host, column, fieldCount)).ToArray();
        _schema = MakeSchema(HeaderFields(dataSample));
    }

    private TextLoader(IHost host, Options options, BoundColumn[] columns)
    {
        _host = host;
        _options = options;
        _columns = columns;
        _schema = MakeSchema([]);
    }

    public DataViewSchema GetOutputSchema() => _schema;

    public IDataView Load(IMultiStreamSource source)
    {
        _host.CheckValue(source, nameof(source));
        return new View(this, source);
    }

    /// <summary>A loader for the members of a class that say where they are in the file.</summary>
    internal static TextLoader Create<TInput>(IHostEnvironment env, Options options, IMultiStreamSource dataSample)
    {
        MemberInfo[] members = SchemaDefinition.Members(typeof(TInput), SchemaDefinition.Direction.Read).ToArray();
        if (members.Length == 0)
            throw env.ExceptParam(nameof(TInput), $"Should define at least one public, readable field or property in {nameof(TInput)}.");
        options ??= new Options();
        options.Columns = members.Select(member =>
        {
            string kind = member is FieldInfo ? "Field" : "Property";
            var source = member.GetCustomAttribute<LoadColumnAttribute>()
                ?? throw env.Except($"{kind} '{member.Name}' is missing the {nameof(LoadColumnAttribute)} attribute");
            Type type = SchemaDefinition.TypeOf(member);
            PrimitiveDataViewType itemType = PrimitiveTypes.FromRawType(type.IsArray ? type.GetElementType() : type)
                ?? throw env.Except($"{kind} {member.Name} is of unsupported type.");
            return new Column
            {
                Name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name,
                DataKind = PrimitiveTypes.KindOf(itemType).Value,
                Source = [.. source.Sources],
                KeyCount = member.GetCustomAttribute<KeyTypeAttribute>() is { } key ? new KeyCount(key.Count) : null,
            };
        }).ToArray();
        return new TextLoader(env, options, dataSample);
    }

    private void CheckOptions(Options options)
    {
        _host.CheckUserArg(options.Separators is { Length: > 0 }, "Separator", "Must specify a separator");
        _host.CheckUserArg(options.MaxRows is null or >= 0, nameof(options.MaxRows), "Must be non-negative");
        if (options.Separators.Contains(options.EscapeChar))
            throw _host.ExceptUserArg(nameof(options.EscapeChar), "EscapeChar '{0}' can't be used both as EscapeChar and separator", options.EscapeChar);
        _host.CheckUserArg(!options.AllowSparse || !options.Separators.Contains(':'), "Separator", "When the separator is colon, turn off allowSparse");
    }

    private int CountFields(IMultiStreamSource sample)
    {
        if (_options.InputSize is { } size && size > 0)
            return size;
        var splitter = new FieldSplitter(_options);
        int[] counts = sample is null ? [] : LineReader.ReadRows(_options, sample).Take(100).Select(line => splitter.Split(line.Text).Count).Distinct().ToArray();
        return counts.Length switch
        {
            0 => throw _host.ExceptUserArg(nameof(Column.Source), "Can't determine the number of source columns without valid data"),
            1 => counts[0],
            _ => throw _host.ExceptUserArg(nameof(Column.Source), "The size of input lines is not consistent"),
        };
    }

    private List<ReadOnlyMemory<char>> HeaderFields(IMultiStreamSource sample)
    {
        IMultiStreamSource header = _options.HeaderFile is null ? _options.HasHeader ? sample : null : new MultiFileSource(_options.HeaderFile);
        string line = header is { Count: > 0 } ? LineReader.ReadLines(_options, header, 0).Select(item => item.Text).FirstOrDefault() : null;
        return line is null ? [] : new FieldSplitter(_options).Split(line).Dense;
    }

    private DataViewSchema MakeSchema(List<ReadOnlyMemory<char>> header)
    {
        var builder = new DataViewSchema.Builder();
        foreach (BoundColumn column in _columns)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            ReadOnlyMemory<char>[] names = column.FixedFields.Select(field => field < header.Count ? header[field].Trim() : default).ToArray();
            if (column.Type is VectorDataViewType { IsKnownSize: true } && names.Any(name => !name.IsEmpty))
            {
                var buffer = new VBuffer<ReadOnlyMemory<char>>(names.Length, names);
                annotations.Add(AnnotationKinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, names.Length),
                    (ref VBuffer<ReadOnlyMemory<char>> value) => buffer.CopyTo(ref value));
            }
            builder.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }
        return builder.ToSchema();
    }
}
