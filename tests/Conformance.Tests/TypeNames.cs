using Mono.Cecil;

namespace Conformance.Tests;

/// <summary>Writes types as the listings do: C# keywords, full names, type arguments in angle brackets.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["System.Void"] = "void",
        ["System.Boolean"] = "bool",
        ["System.SByte"] = "sbyte",
        ["System.Byte"] = "byte",
        ["System.Int16"] = "short",
        ["System.UInt16"] = "ushort",
        ["System.Int32"] = "int",
        ["System.UInt32"] = "uint",
        ["System.Int64"] = "long",
        ["System.UInt64"] = "ulong",
        ["System.Single"] = "float",
        ["System.Double"] = "double",
        ["System.Decimal"] = "decimal",
        ["System.Char"] = "char",
        ["System.String"] = "string",
        ["System.Object"] = "object",
    };

    public static string Of(TypeReference type)
    {
        switch (type)
        {
            case ByReferenceType reference:
                return Of(reference.ElementType);
            case ArrayType array:
                return $"{Of(array.ElementType)}[{new string(',', array.Rank - 1)}]";
            case PointerType pointer:
                return Of(pointer.ElementType) + "*";
            case RequiredModifierType modified:
                return Of(modified.ElementType);
            case GenericParameter parameter:
                return parameter.Name;
        }

        List<TypeReference>? arguments = (type as GenericInstanceType)?.GenericArguments.ToList();
        TypeReference definition = type.GetElementType();
        if (IsNullable(type))
        {
            return Of(arguments![0]) + "?";
        }

        return Keywords.TryGetValue(definition.FullName, out string? keyword) ? keyword : OfDefinition(definition, arguments);
    }

    /// <summary>The name of a type definition, its own type parameters standing for missing arguments.</summary>
    public static string OfDefinition(TypeReference type, IReadOnlyList<TypeReference>? arguments = null)
    {
        Stack<TypeReference> nesting = [];
        for (TypeReference? part = type; part is not null; part = part.DeclaringType)
        {
            nesting.Push(part);
        }

        string prefix = nesting.Peek().Namespace is { Length: > 0 } space ? space + "." : "";
        int used = 0;
        return prefix + string.Join('.', nesting.Select(part =>
        {
            string[] nameAndArity = part.Name.Split('`');
            if (nameAndArity.Length == 1)
            {
                return part.Name;
            }

            List<string> names = [];
            for (int i = int.Parse(nameAndArity[1]); i > 0; i--, used++)
            {
                names.Add(
                    arguments is not null && used < arguments.Count ? Of(arguments[used])
                    : part.GenericParameters.Count > used ? part.GenericParameters[used].Name
                    : "T" + used);
            }

            return $"{nameAndArity[0]}<{string.Join(", ", names)}>";
        }));
    }

    public static bool IsNullable(TypeReference type) => type.GetElementType().FullName == "System.Nullable`1";

    public static string Constraints(IEnumerable<GenericParameter> parameters) => string.Concat(parameters.Select(parameter =>
    {
        List<string> constraints = [];
        if (parameter.HasReferenceTypeConstraint)
        {
            constraints.Add("class");
        }

        if (parameter.HasNotNullableValueTypeConstraint)
        {
            constraints.Add("struct");
        }

        constraints.AddRange(parameter.Constraints.Where(constraint => constraint.ConstraintType.FullName != "System.ValueType").Select(constraint => Of(constraint.ConstraintType)));
        if (parameter.HasDefaultConstructorConstraint && !parameter.HasNotNullableValueTypeConstraint)
        {
            constraints.Add("new()");
        }

        return constraints.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", constraints)}";
    }));
}
