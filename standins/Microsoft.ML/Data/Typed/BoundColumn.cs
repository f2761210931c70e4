using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A column with the member that it is read from or written to.</summary>
internal sealed record BoundColumn(string Name, DataViewType Type, MemberInfo Member, DataViewSchema.Annotations Annotations)
{
    public static BoundColumn[] Bind(Type userType, SchemaDefinition definition) => definition.Select(column => Bind(userType, column)).ToArray();

    public static DataViewSchema SchemaOf(IEnumerable<BoundColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (BoundColumn column in columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        return builder.ToSchema();
    }

    private static BoundColumn Bind(Type userType, SchemaDefinition.Column column)
    {
        const string parameter = "userSchemaDefinition";
        MemberInfo member = (MemberInfo)userType.GetField(column.MemberName) ?? userType.GetProperty(column.MemberName)
            ?? throw Contracts.ExceptParam(null, parameter, $"No field or property with name '{column.MemberName}' found in type '{userType.FullName}'");
        string name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
        Type itemType = SchemaDefinition.ItemTypeOf(member, out bool isVector);
        DataViewType type = column.ColumnType;
        if (type is null)
        {
            PrimitiveDataViewType primitive = PrimitiveTypes.FromRawType(itemType);
            type = isVector ? new VectorDataViewType(primitive) : primitive;
        }
        if (type is VectorDataViewType != isVector)
        {
            throw Contracts.ExceptParam(null, parameter, $"Column '{name}' is supposed to be {(isVector ? "scalar" : "vector")}, " +
                $"but type of associated field '{column.MemberName}' is {(isVector ? "vector" : "scalar")}");
        }
        if (type.ItemType().RawType != itemType)
            throw Contracts.ExceptParam(null, parameter, $"Column '{name}' is supposed to have item type {type.ItemType().RawType}, but associated field has type {itemType}");
        return new BoundColumn(name, type, member, column.Annotations);
    }
}
