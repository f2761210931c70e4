using Mono.Cecil;

namespace Conformance.Tests;

/// <summary>Lists an assembly's public API, one type or member per line, in the format of the listings of the real ones.</summary>
internal static class PublicApi
{
    public static IReadOnlyCollection<string> List(string path)
    {
        using DefaultAssemblyResolver resolver = new();
        resolver.AddSearchDirectory(Path.GetDirectoryName(path));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { AssemblyResolver = resolver });
        return new SortedSet<string>(assembly.MainModule.Types.SelectMany(Lines), StringComparer.Ordinal);
    }

    private static IEnumerable<string> Lines(TypeDefinition type)
    {
        if (!Accessibility.IsVisible(type) || type.Name.StartsWith('<') || Signatures.Has(type, "CompilerGeneratedAttribute"))
        {
            return [];
        }

        string name = TypeNames.OfDefinition(type);
        if (IsDelegate(type))
        {
            MethodDefinition invoke = type.Methods.First(method => method.Name == "Invoke");
            return
            [
                $"{name} [{Accessibility.Of(type)} delegate {TypeNames.Of(invoke.ReturnType)} ({Signatures.Parameters(invoke)})]"
                + TypeNames.Constraints(type.GenericParameters),
            ];
        }

        return
        [
            TypeLine(type, name),
            .. Fields(type, name),
            .. type.IsEnum ? [] : Properties(type, name).Concat(Events(type, name)).Concat(Methods(type, name)),
            .. type.NestedTypes.SelectMany(Lines),
        ];
    }

    private static string TypeLine(TypeDefinition type, string name)
    {
        List<string> bases = [];
        if (type.BaseType is { } parent && parent.FullName is not ("System.Object" or "System.ValueType" or "System.Enum"))
        {
            bases.Add(TypeNames.Of(parent));
        }

        if (type.IsEnum)
        {
            bases.Add(TypeNames.Of(type.Fields.First(field => field.Name == "value__").FieldType));
        }

        bases.AddRange(type.Interfaces.Select(implementation => implementation.InterfaceType).Where(Accessibility.IsVisible).Select(TypeNames.Of));
        return $"{name} [{Accessibility.Of(type)} {Kind(type)}]"
            + (bases.Count > 0 ? " : " + string.Join(", ", bases) : "")
            + TypeNames.Constraints(type.GenericParameters)
            + Variance(type);
    }

    private static string Kind(TypeDefinition type)
    {
        if (type.IsEnum)
        {
            return "enum";
        }

        if (type.IsInterface)
        {
            return "interface";
        }

        if (type.IsValueType)
        {
            return (Signatures.Has(type, "IsReadOnlyAttribute") ? "readonly " : "") + (Signatures.Has(type, "IsByRefLikeAttribute") ? "ref " : "") + "struct";
        }

        return (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static class",
            (true, false) => "abstract class",
            (false, true) => "sealed class",
            (false, false) => "class",
        };
    }

    private static string Variance(TypeDefinition type)
    {
        IEnumerable<string> parameters = type.GenericParameters.Select(parameter =>
            (parameter.IsCovariant ? "out " : parameter.IsContravariant ? "in " : "") + parameter.Name);
        return type.GenericParameters.Any(parameter => parameter.IsCovariant || parameter.IsContravariant)
            ? $" variance({string.Join(",", parameters)})"
            : "";
    }

    private static IEnumerable<string> Fields(TypeDefinition type, string name) =>
        from field in type.Fields
        let access = Accessibility.Of(field)
        where access != "hidden" && field.Name != "value__" && !field.Name.StartsWith('<')
        select type.IsEnum ? $"{name}.{field.Name} = {field.Constant} -> {name}"
            : field.IsLiteral ? $"{name}.{field.Name} [{access} const] = {Signatures.Constant(field.Constant, field.FieldType)} -> {TypeNames.Of(field.FieldType)}"
            : $"{name}.{field.Name} [{access}{(field.IsStatic ? " static" : "")}{(field.IsInitOnly ? " readonly" : "")} field] -> {TypeNames.Of(field.FieldType)}";

    private static IEnumerable<string> Properties(TypeDefinition type, string name)
    {
        foreach (PropertyDefinition property in type.Properties.Where(property => !property.Name.Contains('.')))
        {
            MethodDefinition? getter = Accessibility.IsVisible(property.GetMethod) ? property.GetMethod : null;
            MethodDefinition? setter = Accessibility.IsVisible(property.SetMethod) ? property.SetMethod : null;
            if ((getter ?? setter) is not { } first)
            {
                continue;
            }

            string index = property.HasParameters ? $"[{string.Join(", ", property.Parameters.Select(Signatures.Parameter))}]" : "";
            string set = setter is null ? ""
                : (Accessibility.Of(setter) == Accessibility.Of(first) ? "" : Accessibility.Of(setter) + " ")
                + (setter.ReturnType is RequiredModifierType ? "init; " : "set; ");
            yield return $"{name}.{(property.HasParameters ? "this" : property.Name)}{index} {{ {(getter is null ? "" : "get; ")}{set}}} "
                + $"[{Accessibility.Of(first)} {Signatures.Modifiers(first)}property] -> {TypeNames.Of(property.PropertyType)}";
        }
    }

    private static IEnumerable<string> Events(TypeDefinition type, string name) =>
        from candidate in type.Events
        where Accessibility.IsVisible(candidate.AddMethod)
        select $"{name}.{candidate.Name} [{Accessibility.Of(candidate.AddMethod)} {Signatures.Modifiers(candidate.AddMethod)}event] -> {TypeNames.Of(candidate.EventType)}";

    private static IEnumerable<string> Methods(TypeDefinition type, string name)
    {
        foreach (MethodDefinition method in type.Methods.Where(Accessibility.IsVisible))
        {
            bool accessor = method.IsGetter || method.IsSetter || method.IsAddOn || method.IsRemoveOn;
            bool explicitImplementation = method.Name.Contains('.') && !method.IsConstructor;
            if (accessor || explicitImplementation || method.Name.StartsWith('<') || (method.IsConstructor && method.IsStatic))
            {
                continue;
            }

            string access = Accessibility.Of(method);
            if (method.IsConstructor)
            {
                yield return $"{name}.{type.Name.Split('`')[0]}({Signatures.Parameters(method)}) [{access} ctor] -> void";
                continue;
            }

            string typeParameters = method.HasGenericParameters ? $"<{string.Join(", ", method.GenericParameters.Select(parameter => parameter.Name))}>" : "";
            string modifiers = type.IsInterface ? "" : $"{access} {Signatures.Modifiers(method)}";
            yield return $"{name}.{method.Name}{typeParameters}({Signatures.Parameters(method)}) [{modifiers}method] -> "
                + (method.ReturnType.IsByReference ? "ref " : "") + TypeNames.Of(method.ReturnType)
                + TypeNames.Constraints(method.GenericParameters);
        }
    }

    private static bool IsDelegate(TypeDefinition type) => type.BaseType?.FullName == "System.MulticastDelegate";
}
