using Mono.Cecil;

namespace Conformance.Tests;

/// <summary>Who can see a type or member; what derived classes elsewhere can see counts as public API.</summary>
internal static class Accessibility
{
    public static string Of(MethodDefinition method) => (method.Attributes & MethodAttributes.MemberAccessMask) switch
    {
        MethodAttributes.Public => "public",
        MethodAttributes.Family => "protected",
        MethodAttributes.FamORAssem => "protected internal",
        _ => "hidden",
    };

    public static string Of(FieldDefinition field) => (field.Attributes & FieldAttributes.FieldAccessMask) switch
    {
        FieldAttributes.Public => "public",
        FieldAttributes.Family => "protected",
        FieldAttributes.FamORAssem => "protected internal",
        _ => "hidden",
    };

    public static string Of(TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public or TypeAttributes.NestedPublic => "public",
        TypeAttributes.NestedFamily => "protected",
        TypeAttributes.NestedFamORAssem => "protected internal",
        _ => "hidden",
    };

    public static bool IsVisible(MethodDefinition? method) => method is not null && Of(method) != "hidden";

    public static bool IsVisible(TypeDefinition type) =>
        Of(type) != "hidden" && (type.DeclaringType is null || IsVisible(type.DeclaringType));

    /// <summary>Whether a type from anywhere is visible; one that cannot be found is taken to be.</summary>
    public static bool IsVisible(TypeReference type)
    {
        TypeDefinition? definition;
        try
        {
            definition = type.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return true;
        }

        return definition is null
            || (IsVisible(definition) && (type is not GenericInstanceType generic || generic.GenericArguments.All(IsVisible)));
    }
}
