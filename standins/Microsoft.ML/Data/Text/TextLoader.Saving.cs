using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    private static VersionInfo GetVersionInfo() =>
        new("TXTLOADR", 0x00010014, 0x00010014, 0x00010014, typeof(TextLoader).Assembly.FullName, LoaderSignature);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveString(new string(_options.Separators));
        ctx.Writer.Write(_options.EscapeChar);
        ctx.Writer.Write(_options.AllowQuoting);
        ctx.Writer.Write(_options.AllowSparse);
        ctx.Writer.Write(_options.TrimWhitespace);
        ctx.Writer.Write(_options.HasHeader);
        ctx.Writer.Write(_options.ReadMultilines);
        ctx.Writer.Write(_options.MissingRealsAsNaNs);
        ctx.Writer.Write(_options.InputSize ?? 0);
        ctx.Writer.Write(_options.MaxRows ?? long.MaxValue);
        ctx.Writer.Write(_columns.Length);
        foreach (BoundColumn column in _columns)
        {
            ctx.SaveNonEmptyString(column.Name);
            SchemaFormat.WriteType(ctx.Writer, column.Type);
            ctx.Writer.Write(column.VariableStart ?? -1);
            ctx.Writer.Write(column.FixedFields.Length);
            foreach (int field in column.FixedFields)
                ctx.Writer.Write(field);
        }
    }

    private static IDataLoader<IMultiStreamSource> Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        IHost host = env.Register(LoaderSignature);
        ctx.CheckAtModel(GetVersionInfo());
        BinaryReader reader = ctx.Reader;
        var options = new Options
        {
            Separators = ctx.LoadNonEmptyString().ToCharArray(),
            EscapeChar = reader.ReadChar(),
            AllowQuoting = reader.ReadBoolean(),
            AllowSparse = reader.ReadBoolean(),
            TrimWhitespace = reader.ReadBoolean(),
            HasHeader = reader.ReadBoolean(),
            ReadMultilines = reader.ReadBoolean(),
            MissingRealsAsNaNs = reader.ReadBoolean(),
            InputSize = reader.ReadInt32(),
            MaxRows = reader.ReadInt64(),
        };
        var columns = new BoundColumn[reader.ReadInt32()];
        for (int i = 0; i < columns.Length; i++)
        {
            string name = ctx.LoadNonEmptyString();
            DataViewType type = SchemaFormat.ReadType(host, reader);
            int variableStart = reader.ReadInt32();
            int[] fields = new int[reader.ReadInt32()];
            for (int field = 0; field < fields.Length; field++)
                fields[field] = reader.ReadInt32();
            columns[i] = new BoundColumn(name, type, fields, variableStart < 0 ? null : variableStart);
        }
        return new TextLoader(host, options, columns);
    }
}
