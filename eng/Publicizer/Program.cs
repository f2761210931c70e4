// Writes a copy of an assembly whose internal types and members are public, to compile against; it is never run.
//   publicizer <assembly> <copy>
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

byte[] image = File.ReadAllBytes(args[0]);
using var portableExecutable = new PEReader(new MemoryStream(image));
MetadataReader metadata = portableExecutable.GetMetadataReader();
int start = portableExecutable.PEHeaders.MetadataStartOffset;

// Column layouts: ECMA-335 II.22.37 (TypeDef: flags at 0, four bytes), II.22.26 (MethodDef: flags at 6), II.22.15 (Field: flags at 0).
foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions.Where(IsOwnType))
{
    TypeDefinition type = metadata.GetTypeDefinition(handle);
    Flip(TableIndex.TypeDef, handle, 0, (int)TypeAttributes.VisibilityMask, (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.NotPublic => (int)TypeAttributes.Public,
        TypeAttributes.NestedAssembly => (int)TypeAttributes.NestedPublic,
        var other => (int)other,
    });
    foreach (MethodDefinitionHandle method in type.GetMethods())
    {
        if ((metadata.GetMethodDefinition(method).Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Assembly)
            Flip(TableIndex.MethodDef, method, 6, (int)MethodAttributes.MemberAccessMask, (int)MethodAttributes.Public);
    }
    foreach (FieldDefinitionHandle field in type.GetFields())
    {
        if ((metadata.GetFieldDefinition(field).Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Assembly)
            Flip(TableIndex.Field, field, 0, (int)FieldAttributes.FieldAccessMask, (int)FieldAttributes.Public);
    }
}
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
File.WriteAllBytes(args[1], image);

// Types that the compiler generates, and its own System.* ones, would clash with those of other assemblies.
bool IsOwnType(TypeDefinitionHandle handle)
{
    TypeDefinition type = metadata.GetTypeDefinition(handle);
    if (metadata.GetString(type.Name).StartsWith('<'))
        return false;
    TypeDefinitionHandle declaring = type.GetDeclaringType();
    return declaring.IsNil ? metadata.GetString(type.Namespace).StartsWith("Microsoft.ML", StringComparison.Ordinal) : IsOwnType(declaring);
}

void Flip(TableIndex table, EntityHandle handle, int column, int mask, int value)
{
    int offset = start + metadata.GetTableMetadataOffset(table) + (metadata.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(table) + column;
    image[offset] = (byte)((image[offset] & ~mask) | value);
}
