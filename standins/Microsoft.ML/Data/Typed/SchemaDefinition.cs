using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The columns that the fields and properties of a class stand for.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    public Column this[string columnName]
    {
        get => this.FirstOrDefault(column => column.ColumnName == columnName);
        set
        {
            Contracts.CheckValue(null, value, nameof(value));
            if (value.ColumnName != columnName)
                throw Contracts.ExceptParam(null, nameof(columnName), $"The column name is specified as '{value.ColumnName}' but must match the selector '{columnName}'.");
            int index = FindIndex(column => column.ColumnName == columnName);
            if (index >= 0)
                this[index] = value;
            else
                Add(value);
        }
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        Contracts.CheckValue(null, userType, nameof(userType));
        var definition = new SchemaDefinition();
        var names = new HashSet<string>();
        foreach (MemberInfo member in Members(userType, direction))
        {
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (!names.Add(name))
                throw Contracts.ExceptParam(null, nameof(userType), $"Duplicate column name '{name}' detected, this is disallowed");
            definition.Add(new Column(member.Name, InferType(member, nameof(userType)), name));
        }
        return definition;
    }

    /// <summary>The members that are columns: public, of the wanted direction, not constant and not opted out.</summary>
    internal static IEnumerable<MemberInfo> Members(Type userType, Direction direction)
    {
        const BindingFlags publicMembers = BindingFlags.Public | BindingFlags.Instance;
        IEnumerable<MemberInfo> fields = userType.GetFields(publicMembers);
        IEnumerable<MemberInfo> properties = userType.GetProperties(publicMembers).Where(property => property.GetIndexParameters().Length == 0
            && ((direction.HasFlag(Direction.Read) && property.GetGetMethod() is not null) || (direction.HasFlag(Direction.Write) && property.GetSetMethod() is not null)));
        return fields.Concat(properties).Where(IsColumn);
    }

    internal static bool IsColumn(MemberInfo member) => TypeOf(member) != typeof(IChannel) && member.GetCustomAttribute<NoColumnAttribute>() is null;

    internal static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    /// <summary>The raw type of a member's items, and whether the member is a vector of them.</summary>
    internal static Type ItemTypeOf(MemberInfo member, out bool isVector)
    {
        Type item = MappedItemType(TypeOf(member), out isVector);
        if (PrimitiveTypes.FromRawType(item) is null)
            throw Contracts.ExceptParam(null, "rawType", $"Could not determine an IDataView type and registered custom types for member {member.Name}");
        return item;
    }

    internal static Type MappedItemType(Type type, out bool isVector)
    {
        isVector = type.IsArray || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>));
        Type item = type.IsArray ? type.GetElementType() : isVector ? type.GetGenericArguments()[0] : type;
        return item == typeof(string) ? typeof(ReadOnlyMemory<char>) : item;
    }

    private static DataViewType InferType(MemberInfo member, string parameter)
    {
        Type item = ItemTypeOf(member, out bool isVector);
        PrimitiveDataViewType itemType = PrimitiveTypes.FromRawType(item);
        if (member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
        {
            if (!KeyDataViewType.IsValidDataType(item))
                throw Contracts.ExceptParam(null, parameter, $"Member {member.Name} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type");
            itemType = new KeyDataViewType(item, key.Count);
        }
        var vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (vector is not null && !isVector)
            throw Contracts.ExceptParam(null, parameter, $"Member {member.Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector type");
        if (!isVector)
            return itemType;
        return vector is null || vector.Dimensions.Length == 0 ? new VectorDataViewType(itemType) : new VectorDataViewType(itemType, vector.Dimensions);
    }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public sealed class Column
    {
        private readonly Dictionary<string, Action<DataViewSchema.Annotations.Builder>> _annotations = [];

        internal Column(string memberName, DataViewType columnType, string columnName = null)
        {
            Contracts.CheckNonEmpty(null, memberName, nameof(memberName));
            MemberName = memberName;
            ColumnName = columnName ?? memberName;
            ColumnType = columnType;
        }

        public string MemberName { get; }
        public string ColumnName { get; set; }
        public DataViewType ColumnType { get; set; }

        public DataViewSchema.Annotations Annotations
        {
            get
            {
                var builder = new DataViewSchema.Annotations.Builder();
                foreach (Action<DataViewSchema.Annotations.Builder> add in _annotations.Values)
                    add(builder);
                return builder.ToAnnotations();
            }
        }

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType)
        {
            Contracts.CheckValue(null, kind, nameof(kind));
            Contracts.CheckValue(null, annotationType, nameof(annotationType));
            if (!_annotations.TryAdd(kind, builder => builder.Add(kind, annotationType, (ref T destination) => destination = value)))
                throw Contracts.Except(null, "Column already contains an annotation of this kind.");
        }

        internal void CopyAnnotations(DataViewSchema.Annotations annotations)
        {
            foreach (DataViewSchema.Column annotation in annotations.Schema)
                _annotations[annotation.Name] = builder => builder.Add(annotations, name => name == annotation.Name);
        }
    }
}
